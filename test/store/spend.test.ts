import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { raiseSpend, readSpend, reserveSpend, settleSpend } from '../../src/store/spend.js';

const DAY = '2026-11-21';
const call = { day: DAY, run: 'beat-1', runner: 'custom', estimateUsd: 0.05 };
let root: string;
let disk: Disk;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-spend-'));
  disk = localDisk(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a run is reserved, settled and raised in the ledger of its day', () => {
  expect(readSpend(disk, DAY)).toEqual({ rows: [], torn: 0 });
  reserveSpend(disk, call, 5_000);
  settleSpend(disk, call, { input_tokens: 10, output_tokens: 5, usd: 0.2 }, 9_000);
  raiseSpend(disk, { day: DAY, ask: 'budget-1', usd: 3, tokens: 0 }, 9_500);
  expect(readSpend(disk, DAY).rows).toMatchObject([
    { kind: 'reserve', run: 'beat-1', usd: 0.05, metered: false, ts: 5 },
    { kind: 'settle', run: 'beat-1', usd: 0.2, tokens: 15, metered: true, ts: 9, runner: 'custom' },
    { kind: 'raise', run: 'budget-1', usd: 3 },
  ]);
});

test('tokens without a cost settle the tokens and leave the estimate', () => {
  settleSpend(disk, call, { input_tokens: 100 }, 1_000);
  expect(readSpend(disk, DAY).rows).toMatchObject([{ usd: 0.05, tokens: 100, metered: false }]);
});

test('a torn row is counted and costs no other row', () => {
  settleSpend(disk, call, { usd: 1 }, 1_000);
  appendFileSync(join(root, `spend-${DAY}.ndjson`), '{"format":1,"kind":"settle","run":"be');
  settleSpend(disk, { ...call, run: 'beat-2' }, { usd: 2 }, 1_000);
  const { rows, torn } = readSpend(disk, DAY);
  expect(rows.map((row) => row.usd)).toEqual([1, 2]);
  expect(torn).toBe(1);
});

test('a ledger that cannot be read is an error, not an empty day', () => {
  disk.makeDir(`spend-${DAY}.ndjson`);
  expect(() => readSpend(disk, DAY)).toThrow(/Cannot tell what was spent on 2026-11-21/);
});
