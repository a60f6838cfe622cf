/**
 * Histories of a simulated machine: the real program in simulated processes, with random faults and interleavings. SEED and
 * HISTORIES choose which; a single history is replayed with all that its processes said. What must hold is in invariants.ts.
 */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Built, buildSimulation } from './build.js';

const SEED = process.env['SEED'] ?? '1';
const HISTORIES = process.env['HISTORIES'] ?? '20000';
const JOBS = process.env['JOBS'] ?? '2';
/** A hang is the failure: far above what a history takes on a loaded machine. */
const LIMIT_MS = 300_000 + Number(HISTORIES) * 100;

let built: Built;
beforeAll(async () => {
  built = await buildSimulation();
});
afterAll(() => built.remove());

test(`${HISTORIES} histories from seed ${SEED} break no invariant`, { timeout: LIMIT_MS }, async () => {
  const root = new URL('../..', import.meta.url).pathname;
  const args = ['--program', built.program, '--root', root, '--seed', SEED, '--histories', HISTORIES, '--jobs', JOBS];
  const child = spawn(process.execPath, [built.main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
    process.stdout.write(chunk);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code, said).toBe(0);
});
