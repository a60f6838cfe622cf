/**
 * When the pulse looks again apart from its own dates: a file event in what a human, a verb or a worker writes. Behind the events
 * stands a slow poll over cheap stamps; the poll alone never causes a beat.
 */
import { monotonicMs, pause } from '../../host/clock.js';
import { dirStamps } from '../../store/dir-stamp.js';
import type { Disk } from '../../store/disk.js';
import { watchKeys } from '../../store/watch.js';

/** What wakes. Not among them: what only the pulse writes (snapshots, pulse, runs, intents), so a beat does not wake itself. */
const WATCHED = ['', 'goals', 'sensors', 'asks', 'answers', 'schedules', 'leases', 'workers/*'] as const;

/** Names in the data dir itself that matter; journal, events and spend files are our own doing. */
const TOP = new Set(['PLAYBOOK.md', 'config.json']);

/** Files of a worker that say something about it; its transcript grows all the time and says nothing. */
const WORKER_FILE = /^workers\/[^/]+\/(spec|status|verdict)\.json$/;

/** Events that wake at once, in a minute; beyond, one every `PACE_MS`. A person does not write so fast, a sensor that writes policy does. */
const BURST = 60;
const BURST_MS = 60_000;
const PACE_MS = 5_000;

export async function* worldEvents(
  disk: Disk,
  pollMs: number,
  signal: AbortSignal,
  onWarning: (text: string | undefined) => void,
): AsyncGenerator<'world'> {
  yield 'world';
  let recent: number[] = [];
  const stampNow = dirStamps(disk, () => [...DIRS, ...FILES, ...names(disk, 'goals').map((name) => `goals/${name}`)]);
  let stamp = stampNow();
  for await (const key of watchKeys(disk, WATCHED, { pollMs, signal, onWarning })) {
    if (isDirectoryKey(key)) {
      // From the poll, or a directory that appeared: look only when the cheap stamp moved.
      const next = stampNow();
      if (next === stamp) continue;
      stamp = next;
    } else if (!matters(key)) continue;
    recent = recent.filter((at) => at > monotonicMs() - BURST_MS);
    if (recent.length >= BURST) await pause(PACE_MS, signal);
    recent.push(monotonicMs());
    yield 'world';
  }
}

const isDirectoryKey = (key: string): boolean => key === '' || !/\.[A-Za-z0-9]+$/.test(key);

function matters(key: string): boolean {
  if (!key.includes('/')) return TOP.has(key);
  if (key.split('/').some((part) => part.startsWith('.'))) return false;
  return key.startsWith('workers/') ? WORKER_FILE.test(key) : true;
}

/** What the poll looks at; the goals' own files with them, because people edit in place. */
const DIRS = ['goals', 'sensors', 'asks', 'answers', 'schedules', 'leases', 'workers'] as const;
const FILES = ['PLAYBOOK.md', 'config.json'] as const;

function names(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  return listed.state === 'present' ? listed.names : [];
}
