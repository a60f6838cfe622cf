/** A data dir of a test, and the pieces of sense that the pulse would give. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { nonce } from '../../src/lib/hash.js';
import type { Json } from '../../src/lib/json.js';
import type { Fact } from '../../src/model/world.js';
import { type SenseDeps, senseWorld } from '../../src/sense/sense-world.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';

export interface Home {
  root: string;
  disk: Disk;
  /** Writes `sensors/<name>.sh`; a body without a first line of its own becomes a /bin/sh script. */
  sensor(name: string, body: string, mode?: number): string;
  write(key: string, text: string): void;
  sense(over?: Partial<SenseDeps>, now?: number): ReturnType<typeof senseWorld>;
}

export const KNOBS = { sensorJobs: 8, sensorTimeoutS: 60, sensorMaxBytes: 8_192, flapStreak: 5 };

/** Path with a space and a quote: nothing may build shell text from it. */
export function newHome(): Home {
  const base = mkdtempSync(join(tmpdir(), "tend it's-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const root = join(base, 'data');
  mkdirSync(join(root, 'sensors'), { recursive: true });
  const disk = localDisk(root);
  const write = (key: string, text: string): void => {
    mkdirSync(join(root, key, '..'), { recursive: true });
    writeFileSync(join(root, key), text);
  };
  return {
    root,
    disk,
    write,
    sensor(name, body, mode = 0o755) {
      const key = `sensors/${name}.sh`;
      write(key, body.startsWith('#!') ? body : `#!/bin/sh\n${body}\n`);
      chmodSync(join(root, key), mode);
      return join(root, key);
    },
    sense: (over = {}, now = Date.now()) =>
      senseWorld(
        {
          disk,
          knobs: KNOBS,
          sensorEnv: () => ({ PATH: process.env['PATH'] ?? '', TEND_MARK: nonce() }),
          facts: async () => [],
          memory: {},
          ...over,
        },
        now,
      ),
  };
}

export function fact(facts: readonly Fact[], name: string): Fact {
  const found = facts.find((f) => f.name === name);
  if (!found) throw new Error(`no fact ${name} in ${facts.map((f) => f.name).join(', ')}`);
  return found;
}

export const signalOf = (facts: readonly Fact[], name: string): Json => fact(facts, name).signal;
