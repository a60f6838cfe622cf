/** A data dir with a decider that is a real process; what the pulse would give, given here. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DecideDeps, DecideRequest } from '../../src/decide/decide.js';
import { shellQuote } from '../../src/lib/shell-quote.js';
import { type Knobs, resolveKnobs } from '../../src/model/knobs.js';
import type { Memory } from '../../src/model/memory.js';
import type { World } from '../../src/model/world.js';
import { RUNNERS } from '../../src/runners/registry.js';
import { localDisk } from '../../src/store/local-disk.js';
import { emptyMemory } from '../../src/store/memory.js';

const FAKE = join(import.meta.dirname, '../fakes/runners/runner.sh');

export function rig() {
  const dir = mkdtempSync(join(tmpdir(), 'tend-decide-'));
  const root = join(dir, 'data dir');
  mkdirSync(root, { mode: 0o700 });
  const disk = localDisk(root);
  const calls = join(dir, 'calls');
  const attempts: Memory[] = [];
  const pauses: number[] = [];

  const deps = (
    mode: readonly string[],
    over: { knobs?: Partial<Knobs>; config?: DecideDeps['config'] } & Partial<
      Omit<DecideDeps, 'knobs' | 'config'>
    > = {},
  ): DecideDeps => ({
    disk,
    runner: RUNNERS.custom,
    prompts: { instructions: 'INSTRUCT', constitution: 'NORMS' },
    env: (mark, extra) => ({
      PATH: process.env['PATH']!,
      FAKE_CALLS: calls,
      TEND_SESSION_ID: 'decider',
      TEND_MARK: mark,
      ...extra,
    }),
    clock: () => Date.now(),
    pause: async (ms) => void pauses.push(ms),
    attempting: (memory) => void attempts.push(memory),
    ...over,
    config: over.config ?? { tick_command: [FAKE, ...mode].map(shellQuote).join(' ') },
    knobs: { ...resolveKnobs({}, {}).knobs, ...over.knobs },
  });

  const request = (over: Partial<Omit<DecideRequest, 'world'>> & { world?: Partial<World> } = {}): DecideRequest => ({
    now: Date.now(),
    forced: false,
    memory: emptyMemory(),
    input: { inbox: { pending: [], answers: [], problems: [] }, journal: [] },
    ...over,
    world: {
      at: Date.now(),
      hash: 'h1',
      policyHash: 'p1',
      approvalHash: 'a1',
      items: { playbook: 'x' },
      playbook: { text: 'PLAY' },
      goals: [],
      facts: [],
      flapping: [],
      ...over.world,
    },
  });

  return {
    dir,
    disk,
    deps,
    request,
    attempts,
    /** Milliseconds that it wanted to wait before further calls. */
    pauses,
    nCalls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0),
    /** What each call left, in order. */
    called: () => readFileSync(calls, 'utf8').trim().split('\n'),
    /** The models that were asked, in order. */
    models: () => readFileSync(`${calls}.models`, 'utf8').trim().split('\n'),
    stdin: () => readFileSync(`${calls}.stdin`, 'utf8'),
    /** Whether the process that a hanging runner left in a session of its own still runs; a zombie does not. */
    survives: () => {
      try {
        const stat = readFileSync(`/proc/${readFileSync(`${calls}.pid`, 'utf8').trim()}/stat`, 'utf8');
        return !/\) [ZX]/.test(stat);
      } catch {
        return false;
      }
    },
    hasSpawned: () => existsSync(`${calls}.pid`),
    write: (key: string, text: string) => writeFileSync(disk.path(key), text),
    /** File names of the one run there is. */
    runFiles: () => {
      const day = readdirSync(disk.path('runs')).find((name) => !name.endsWith('.ndjson'))!;
      const [id] = readdirSync(disk.path(`runs/${day}`));
      return { dir: `runs/${day}/${id}`, names: readdirSync(disk.path(`runs/${day}/${id}`)).sort() };
    },
    spend: () => {
      const name = readdirSync(root).find((file) => file.startsWith('spend-'));
      return name
        ? readFileSync(join(root, name), 'utf8')
            .trim()
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line))
        : [];
    },
    events: () => {
      const name = readdirSync(root).find((file) => file.startsWith('events-'));
      return name ? readFileSync(join(root, name), 'utf8') : '';
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export type Rig = ReturnType<typeof rig>;
