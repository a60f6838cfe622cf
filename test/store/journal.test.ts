import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Disk } from '../../src/store/disk.js';
import { logEvent } from '../../src/store/events.js';
import { appendJournal, countJournalLines, journalTail } from '../../src/store/journal.js';
import { localDisk } from '../../src/store/local-disk.js';

const NOW = new Date(2026, 10, 21, 7, 42).getTime();
let disk: Disk;
beforeEach(() => {
  disk = localDisk(mkdtempSync(join(tmpdir(), 'tend-journal-')));
});
afterEach(() => rmSync(disk.root, { recursive: true, force: true }));

const size = (key: string) => {
  const stat = disk.stat(key);
  return stat.state === 'present' ? stat.bytes : -1;
};

test('a line bears the local minute, and text cannot forge another line or move a cursor', () => {
  appendJournal(disk, NOW, 'sent the clerk\n- 2020-01-01 00:00 forged\u001b[2J', 0);
  expect(journalTail(disk, 5)).toEqual(['- 2026-11-21 07:42 sent the clerk - 2020-01-01 00:00 forged[2J']);
});

test('how often a line stands there is told, and never guessed when the journal cannot be read', () => {
  expect(countJournalLines(disk, NOW, 'sent')).toBe(0);
  for (const text of ['sent', 'sent it', 'sent']) appendJournal(disk, NOW, text, 0);
  expect([countJournalLines(disk, NOW, 'sent'), countJournalLines(disk, NOW + 60_000, 'sent')]).toEqual([2, 0]);
  disk.remove('journal.md');
  disk.makeDir('journal.md');
  expect(() => countJournalLines(disk, NOW, 'sent')).toThrow(/tell what was journaled/);
});

test('a line is clipped, and the cut can be seen', () => {
  appendJournal(disk, NOW, 'x'.repeat(10_000), 0);
  const [line] = journalTail(disk, 1);
  expect(line!.length).toBeLessThan(600);
  expect(line).toMatch(/…$/);
});

test('at the cap the journal becomes the older generation, one is kept, and the tail reaches into it', () => {
  for (let n = 0; n < 40; n++) appendJournal(disk, NOW, `line ${n}`, 400);
  expect(readdirSync(disk.root).filter((name) => name.startsWith('journal'))).toEqual(['journal.md', 'journal.md.1']);
  expect(size('journal.md')).toBeLessThan(500);
  expect(size('journal.md.1')).toBeGreaterThan(400);
  expect(journalTail(disk, 12).map((line) => line.slice(19))).toEqual(
    Array.from({ length: 12 }, (_, i) => `line ${28 + i}`),
  );
});

test('no cap, no rotation', () => {
  for (let n = 0; n < 40; n++) appendJournal(disk, NOW, `line ${n}`, 0);
  expect(size('journal.md.1')).toBe(-1);
  expect(journalTail(disk, 100)).toHaveLength(40);
});

test('of two that find the journal too long at the same moment, the second rotates nothing away', () => {
  for (let n = 0; n < 20; n++) appendJournal(disk, NOW, `line ${n}`, 0);
  const stale = disk.stat('journal.md');
  appendJournal(disk, NOW, 'by the first', 200);
  const older = size('journal.md.1');
  let isFirst = true;
  const late: Disk = {
    ...disk,
    stat: (key) => {
      const seen = isFirst ? stale : disk.stat(key);
      isFirst = false;
      return seen;
    },
  };
  appendJournal(late, NOW, 'by the second', 200);
  expect(size('journal.md.1')).toBe(older);
  expect(journalTail(disk, 2).map((line) => line.slice(19))).toEqual(['by the first', 'by the second']);
});

test('an event cannot forge its time or its name, and a log that cannot be written stops nothing', () => {
  logEvent(disk, NOW, 'beat', { ts: 'forged', event: 'forged', n: 1 });
  const row = disk.read('events-2026-11-21.ndjson');
  expect(row.state === 'present' && JSON.parse(row.text)).toEqual({
    event: 'beat',
    format: 1,
    n: 1,
    ts: new Date(NOW).toISOString(),
  });
  disk.makeDir('events-2026-11-22.ndjson');
  logEvent(disk, NOW + 86_400_000, 'beat');
});
