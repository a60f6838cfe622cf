/** The machine before its first pulse: the program with its seeds, and a data dir with policy, one sensor and a config. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryDisk } from './memory-disk.js';
import { DATA } from './outside.js';
import { APP } from './realm.js';

/** Small enough to be reached in a history: some calls of $0.20, or many of $0.01. */
const DAY_USD = 0.6;
/** Beats that nothing asks for cost time and find little. */
const INTERVAL_S = 300;

/** `root` is the directory of package.json and seeds/. */
export function template(root: string): MemoryDisk {
  const disk = new MemoryDisk({
    now: () => Date.UTC(2026, 2, 2, 9),
    before: () => undefined,
    after: () => undefined,
    proc: () => undefined,
    pids: () => [],
    print: () => undefined,
  });
  const dir = (path: string) => void (disk.peek(path) ?? disk.put(path, '', 'dir', 0o700));
  const copy = (from: string, to: string) => {
    dir(to);
    for (const entry of readdirSync(from, { withFileTypes: true }))
      if (entry.isDirectory()) copy(join(from, entry.name), `${to}/${entry.name}`);
      else disk.put(`${to}/${entry.name}`, readFileSync(join(from, entry.name)));
  };
  for (const path of ['/tmp', '/home/human', `${DATA}/goals`, `${DATA}/reports`]) dir(path);
  disk.put(`${APP}/dist/main.js`, '');
  disk.put(`${APP}/package.json`, readFileSync(join(root, 'package.json')));
  copy(join(root, 'seeds'), `${APP}/seeds`);
  disk.put(`${DATA}/PLAYBOOK.md`, 'Be calm.\n');
  disk.put(`${DATA}/goals/g0.md`, '# Keep the depth low\n');
  disk.put(`${DATA}/sensors/depth.sh`, '#!/bin/sh\ncat /depth\n', 'file', 0o700);
  const config = {
    runner: 'custom',
    tick_command: 'model',
    worker_command: 'agent {{prompt_file}}',
    gate: { allow: ['echo *'] },
    budget: { day_usd: DAY_USD },
    interval: INTERVAL_S,
  };
  disk.put(`${DATA}/config.json`, JSON.stringify(config));
  return disk;
}
