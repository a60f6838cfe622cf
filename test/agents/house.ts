/** A house whose runner is a real agent CLI, driven by a scripted model on loopback; everything else is the built product. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestAPI, test } from 'vitest';
import { type House, openHouse, until as untilWithin } from '../e2e/house.js';
import { AGENT_NAMES, type AgentName, settleIn } from '../fakes/agents/homes.js';
import { type FakeModel, startFakeModel } from '../fakes/agents/model.js';

/** Where each CLI's programs are, from `main.mjs`; a missing one was already reported loudly. */
const BINS = JSON.parse(process.env['TEND_AGENT_BINS'] ?? '{}') as Partial<Record<AgentName | 'inspector', string>>;
/** Chosen by `AGENT=pi`; all by default. */
const CHOSEN = process.env['AGENT'];

/** Where a program that `main.mjs` has installed lies; undefined when it could not be had. */
export const binOf = (name: AgentName | 'inspector'): string | undefined => BINS[name];

/** One block of tests for each CLI that is here; the others are skipped by name. */
export function forEachAgent(tests: (agent: AgentName, test: TestAPI) => void): void {
  for (const agent of AGENT_NAMES) {
    const isHere = BINS[agent] !== undefined && (CHOSEN === undefined || CHOSEN === agent);
    describe.skipIf(!isHere)(agent, () => tests(agent, test));
  }
}

export type AgentHouse = House & { model: FakeModel; leave(): Promise<void> };

/** A new user with this CLI installed and set up, nothing of tend yet. `env` are more variables of their shell. */
export async function openAgentHouse(agent: AgentName, env: Record<string, string> = {}): Promise<AgentHouse> {
  const model = await startFakeModel();
  const house = openHouse({ env: { PATH: `${BINS[agent]}:/usr/local/bin:/usr/bin:/bin`, ...env } });
  const home = join(house.base, 'home');
  // The CLIs leave sockets and caches in the temp folder of the system otherwise.
  const tmp = join(house.base, 'tmp');
  mkdirSync(tmp, { mode: 0o700 });
  Object.assign(house.env, { TMPDIR: tmp, ...settleIn(agent, home, model.url), ...env });
  return Object.assign(house, {
    model,
    leave: async () => {
      try {
        await house.close();
      } finally {
        await model.close();
      }
    },
  });
}

/** Goal of a user; it also makes the pulse look. */
export const goad = (house: House, text: string): void => writeFileSync(join(house.root, 'goals/goad.md'), `${text}\n`);

export interface Settled {
  run: string;
  first?: string;
  runner: string;
  worker?: string;
  usd: number;
  tokens: number;
  metered: boolean;
}

/** What each call of a model came to, of all days: a test may cross midnight. */
export const settlements = (house: House): Settled[] =>
  readdirSync(house.root)
    .filter((name) => /^spend-.*\.ndjson$/.test(name))
    .flatMap((name) => house.text(name).split('\n'))
    .filter((line) => line.includes('"settle"'))
    .map((line) => JSON.parse(line) as Settled);

export interface RunRow {
  kind: string;
  ok: boolean;
  summary: string;
}

/** The ledger's index: what each run came to, of all days. */
export function runRows(house: House): RunRow[] {
  const dir = join(house.root, 'runs');
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => house.text(`runs/${name}`).split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunRow);
}

/** Letters of the states of a worker's own processes, as the kernel tells them: `T` stands still. */
export const workerStates = (house: House): string[] =>
  living(house)
    .filter((line) => line.includes('TEND_MARK=worker-'))
    .flatMap((line) => {
      try {
        const stat = readFileSync(`/proc/${Number.parseInt(line, 10)}/stat`, 'latin1');
        return [stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)];
      } catch {
        // It has ended since.
        return [];
      }
    });

/**
 * Processes that carry the mark of a run of this house, with what they are, for a failure that says which. The pulse bears none: it has
 * given up its beacon when `down` says that it stopped, and its process ends a moment later.
 */
export const living = (house: House): string[] =>
  readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    const read = (name: string): string => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    };
    const environment = read('environ');
    if (!environment.includes(`${house.base}/`)) return [];
    const mark = /TEND_MARK=\S*/.exec(environment)?.[0];
    return mark === undefined ? [] : [`${pid}, ${mark}: ${read('cmdline').slice(0, 200)}`];
  });

/** As long as a decision and then a worker of opencode may take to start on a machine with twenty others at work. */
const PATIENCE_MS = 150_000;

/** Looks until `look` gives something; the limit is a hang, not a measure. */
export const until = <T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = PATIENCE_MS,
): Promise<T> => untilWithin(what, look, limitMs);
