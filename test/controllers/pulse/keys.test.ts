import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { worldEvents } from '../../../src/controllers/pulse/keys.js';
import type { Disk } from '../../../src/store/disk.js';
import { localDisk } from '../../../src/store/local-disk.js';

let dir: string;
let disk: Disk;
let stop: AbortController;
let events: number;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tend-keys-'));
  disk = localDisk(dir);
  for (const name of ['goals', 'asks', 'answers', 'sensors', 'workers/web', 'snapshots', 'pulse']) disk.makeDir(name);
  stop = new AbortController();
  events = 0;
  void (async () => {
    for await (const _ of worldEvents(disk, 100, stop.signal, () => undefined)) events += 1;
  })();
  await until(() => events >= 1);
  await pause(150);
});
afterEach(() => {
  stop.abort();
  rmSync(dir, { recursive: true, force: true });
});

const pause = (ms: number) => new Promise((r) => setTimeout(r, ms));
async function until(holds: () => boolean) {
  const end = Date.now() + 30_000;
  while (!holds() && Date.now() < end) await pause(5);
  expect(holds()).toBe(true);
}

test.each([
  ['an edited goal', 'goals/a.md'],
  ['the PLAYBOOK', 'PLAYBOOK.md'],
  ['a new answer', 'answers/gate-1.md'],
  ['a new ask', 'asks/web-1.md'],
  ['a worker that ended', 'workers/web/status.json'],
  ['a new sensor', 'sensors/a.sh'],
])('%s wakes the pulse', async (_name, key) => {
  const before = events;
  disk.replace(key, 'x');
  await until(() => events > before);
});

test.each([
  ['a snapshot', 'snapshots/sensor-a.json'],
  ['the memory', 'pulse/memory.json'],
  ['the journal', 'journal.md'],
  ['a transcript', 'workers/web/transcript.log'],
  ['the event log', 'events-2026-11-21.ndjson'],
])('%s that the pulse or a worker writes all the time does not wake it, nor does the poll', async (_name, key) => {
  const before = events;
  disk.append(key, 'x');
  await pause(400);
  disk.append(key, 'y');
  await pause(400);
  // A first file may be seen once as a change of its directory; it must not go on.
  expect(events - before).toBeLessThanOrEqual(1);
});

test('a goal whose content changes in place wakes it', async () => {
  disk.replace('goals/a.md', 'x');
  await pause(400);
  const before = events;
  disk.touch('goals/a.md', Date.now() + 5_000);
  await until(() => events > before);
});

test('something that writes policy without end does not make the pulse beat without end', async () => {
  const before = events;
  const begun = performance.now();
  for (let n = 0; n < 400; n++) {
    disk.replace('goals/a.md', `${n}`);
    await pause(3);
  }
  await pause(300);
  // Sixty at once and then one every five seconds, however long a slow machine takes to write.
  expect(events - before).toBeLessThanOrEqual(63 + (performance.now() - begun) / 5_000);
});
