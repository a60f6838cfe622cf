/** src/ as one script for the realms of simulated processes, and the simulation itself as a program, both in a temp directory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { APP } from './realm.js';

export interface Built {
  /** The real program, see program.ts. */
  program: string;
  /** See main.ts. */
  main: string;
  remove(): void;
}

const COMMON = { bundle: true, platform: 'node', target: 'node20.19', logLevel: 'error' } as const;
const source = (name: string): string => new URL(name, import.meta.url).pathname;

export async function buildSimulation(): Promise<Built> {
  const dir = mkdtempSync(join(tmpdir(), 'tend-simulation-'));
  const program = join(dir, 'program.cjs');
  const main = join(dir, 'main.mjs');
  await Promise.all([
    build({
      ...COMMON,
      entryPoints: [source('./program.ts')],
      format: 'cjs',
      // Not ours: the library for terminals, and the screen behind them that nobody looks at here.
      external: ['@lydell/node-pty', '@xterm/headless'],
      define: { 'import.meta.url': JSON.stringify(`file://${APP}/dist/main.js`) },
      outfile: program,
    }),
    build({ ...COMMON, entryPoints: [source('./main.ts')], format: 'esm', outfile: main }),
  ]);
  return { program, main, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
