/**
 * Random histories of one loop over the pure rules: looks by up to three processes, ends, kills and pauses at every durable step,
 * clocks that jump, zones, edits, people. `HISTORIES=1000000 SEED=5` plays others; a failure names its seed, and
 * `SEED=n HISTORIES=1` plays it alone.
 */
import { expect, test } from 'vitest';
import { playHistory } from './history.js';

const SEED = Number(process.env['SEED'] ?? 1);
const HISTORIES = Number(process.env['HISTORIES'] ?? 20_000);
/** A hang is the failure: far above what a history takes on a loaded machine. */
const LIMIT_MS = 300_000 + HISTORIES * 20;

test(`${HISTORIES} histories of a loop from seed ${SEED}: claimed once, attempts bounded, every slot accounted for, never stuck [loops 12, 35, 60, 71, 86, 87, 88]`, {
  timeout: LIMIT_MS,
}, () => {
  for (let seed = SEED; seed < SEED + HISTORIES; seed++) expect(playHistory(seed)).toBeUndefined();
});
