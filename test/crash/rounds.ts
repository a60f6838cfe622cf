/**
 * Deaths, one after the other: a dry run names the points of a scenario, then each chosen point gets a round of its own: a process
 * dies there, the next life is started on what it left, comes to rest, and everything is looked at. A scenario is red when a point
 * breaks a promise, when a point is not reached, or when a later run passes points that the dry run had not.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { end, type House, isAtRest, type Started, type Street, until } from './house.js';
import { breaches, type Mail, mailOf } from './invariants.js';

export interface Scenario {
  name: string;
  /** Makes the world once; every round works on a copy of it. Nothing may run when it returns. */
  prepare?(house: House): void | Promise<void>;
  /** What is different in a round's own copy. */
  arrange?(house: House): void | Promise<void>;
  /** Whose steps are points, by the first words of the command line. Default: the pulse. */
  programs?: string[];
  /** Only points with such names; default all but those of the pulse's own start and end. */
  only?: RegExp;
  /** True when what the scenario is about has come to its end. */
  isDone(house: House): boolean;
  /** What else must be true in the end, as sentences about what is not. `died`: the process died at this point. */
  check?(house: House, died: Point): string[] | Promise<string[]>;
  /** Keys in quarantine that the scenario itself causes. */
  quarantined?: string[];
}

/** `nth`: which of this name in the life of the process. `label`: for people; temp files are called by what they become. */
export interface Point {
  name: string;
  nth: number;
  label: string;
}

/** Steps of a pulse that comes and goes, the same in every scenario: one scenario has them all. */
const COMING_AND_GOING = /locks\/pulse|pulse\/holder\.json|^touch /;
/**
 * Steps between which no reader sees a difference that matters: inside of a temp file or a lock, in the log of events, in the cache of
 * readings. Of each run of them one is taken in CI.
 */
const ALIKE = /^(?:create|write|unlink) .*\.(?:tmp|dirlock)\b|events-DAY|snapshots|^(?:mkdir|before) /;

const isAll = process.env['CRASH'] === 'all';
const SEED = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 1e9));
if (!isAll) process.stdout.write(`CRASH_SEED=${SEED}\n`);

/** Rounds at once: a round waits for timers and events half of its time. */
const AT_ONCE = 5;

/** A small generator, so that a choice can be made again from its seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Trace → points; the k-th of a name is a point of its own. */
export function pointsOf(trace: readonly string[]): Point[] {
  const seen = new Map<string, number>();
  return trace.map((name, index) => {
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return {
      name,
      nth,
      label: `${name.replace(/\S*\.tmp/, (temp) => becomes(temp, trace.slice(index)) ?? temp)} #${nth}`,
    };
  });
}

/** The key that a temp file is given in the end, in brackets. */
function becomes(temp: string, later: readonly string[]): string | undefined {
  const dir = temp.slice(0, -'.tmp'.length);
  for (const name of later) {
    const key = /^link (\S+)$/.exec(name)?.[1] ?? /\.tmp to (\S+)$/.exec(name)?.[1];
    if (key?.startsWith(dir) && !key.slice(dir.length).includes('/')) return `[${key}]`;
  }
  return undefined;
}

/** All points with CRASH=all, those with CRASH_POINT in their label if it is set. Else one of each run of points that are alike, and of the others one in `oneIn`, chosen by the seed. */
export function choose(points: readonly Point[], oneIn: number): Point[] {
  if (isAll) return [...points];
  const named = process.env['CRASH_POINT'];
  if (named !== undefined) return points.filter(({ label }) => label.includes(named));
  const draw = random(SEED);
  const chosen: Point[] = [];
  for (let i = 0; i < points.length; ) {
    let j = i;
    while (j < points.length && ALIKE.test(points[j]!.name)) j++;
    const group = j > i ? points.slice(i, j) : [points[i]!];
    if (draw() < 1 / oneIn) chosen.push(group[Math.floor(draw() * group.length)]!);
    i += group.length;
  }
  // A scenario that was drawn empty would say nothing.
  return chosen.length > 0 ? chosen : [points[Math.floor(draw() * points.length)]!];
}

/** Kills a pulse at the points of `scenario`; `oneIn` 1 takes them all. Fails with a table of what broke. */
export async function killAtPoints(street: Street, template: House, scenario: Scenario, oneIn = 1): Promise<void> {
  const programs = scenario.programs ?? ['__pulse'];
  const prepared = street.house(template);
  await oneOfFew(async () => scenario.prepare?.(prepared));
  const fresh = async (): Promise<House> => {
    const house = street.house(prepared);
    await scenario.arrange?.(house);
    return house;
  };
  const { dry, trace } = await oneOfFew(async () => {
    const house = await fresh();
    const life = house.start(['__pulse'], { programs });
    await comesToRest(house, scenario);
    const passed = house.trace();
    await end(life);
    return { dry: house, trace: passed };
  });
  const points = pointsOf(trace).filter(({ label }) =>
    scenario.only ? scenario.only.test(label) : !COMING_AND_GOING.test(label),
  );
  expect(points.length, `points of "${scenario.name}"`).toBeGreaterThan(0);
  expect(await aftermath(dry, scenario, { deaths: 0 }), `"${scenario.name}" without a death`).toEqual([]);
  const broken = await eachOf(choose(points, oneIn), async (point) => {
    // Two looks may become one on a loaded machine: where this life has no such step, the one of its name before it is taken.
    for (let nth = point.nth; nth > 1; nth--) {
      const said = await round(await fresh(), scenario, { programs, point: { ...point, nth } });
      if (said !== 'came to rest without it') return said;
    }
    return notReached(await round(await fresh(), scenario, { programs, point: { ...point, nth: 1 } }));
  });
  report(scenario.name, points, broken);
}

const notReached = (said: string[] | 'came to rest without it'): string[] =>
  typeof said === 'string' ? [`it ${said}`] : said;

/** How long a pulse that is at rest with everything done is given to come to the step after all. */
const LATE_MS = 3_000;
const LOOK_MS = 500;

/** Ends when everything is done and still, and stays so; never when the pulse has ended. */
async function restsWithout(house: House, scenario: Scenario, { ended }: Started): Promise<undefined> {
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  for (let still = 0; still < LATE_MS; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (isOver) return new Promise(() => undefined);
    still = scenario.isDone(house) && (await isAtRest(house).catch(() => false)) ? still + LOOK_MS : 0;
  }
}

/** One death and the life after it. Returns what is broken. */
async function round(
  house: House,
  scenario: Scenario,
  at: { programs: string[]; point: Point },
): Promise<string[] | 'came to rest without it'> {
  const first = house.start(['__pulse'], { programs: at.programs, die: at.point });
  const isPulse = at.programs[0] === '__pulse';
  const hasDied = () => existsSync(join(house.base, 'trace.died'));
  const where = () => `the death at ${at.point.label}; passed: ${house.trace().slice(-5).join(' | ')}`;
  if (isPulse) {
    const ended = await Promise.race([first.ended, restsWithout(house, scenario, first), hang(where)]);
    if (!ended) {
      await end(first);
      return 'came to rest without it';
    }
    if (ended.signal !== 'SIGKILL')
      return [`it did not die there: ended with ${ended.code} ${ended.signal}: ${ended.err}`];
  } else {
    await until(where, hasDied);
    // The pulse sees its child die; what it makes of that is the scenario's.
    await comesToRest(house, scenario, where);
    await end(first);
  }
  const before = await mailOf(house.disk);
  const second = house.start(['__pulse']);
  return afterwards(house, scenario, { point: at.point, before, second, where });
}

interface Second {
  point: Point;
  before: Mail;
  second: Started;
  where: () => string;
}

async function afterwards(
  house: House,
  scenario: Scenario,
  { point, before, second, where }: Second,
): Promise<string[]> {
  await comesToRest(house, scenario, where);
  const told = await secondBeat(house, where);
  const { code, err } = await end(second);
  return [
    ...(code === 0 ? [] : [`the next life ended with ${code}: ${err}`]),
    ...told,
    ...(await aftermath(house, scenario, { deaths: 1, before })),
    ...((await scenario.check?.(house, point)) ?? []),
  ];
}

const comesToRest = (house: House, scenario: Scenario, where: () => string = () => 'the dry run') => {
  let seen: unknown;
  return until(
    () => `rest after ${where()} (${JSON.stringify(seen)}, journal ${JSON.stringify(house.text('journal.md'))})`,
    async () => {
      seen = await house.controllers();
      return scenario.isDone(house) && (await isAtRest(house));
    },
  );
};

/** The loop goes on: the world changes once more, and there is one more beat about it. */
async function secondBeat(house: House, where: () => string): Promise<string[]> {
  const mark = 'the beat after';
  for (const name of house.names('goals')) if (name !== 'archive') house.remove(`goals/${name}`);
  house.rule('after', { action: 'noop', journal: mark });
  await until(
    () => `a second beat after ${where()}`,
    () => house.text('journal.md').includes(mark),
  );
  await until(
    () => `rest after the second beat, after ${where()}`,
    () => isAtRest(house),
  );
  return [];
}

const aftermath = (house: House, scenario: Scenario, more: { deaths: number; before?: Mail }): Promise<string[]> =>
  breaches({
    disk: house.disk,
    effects: house.effects(),
    atRest: true,
    ...more,
    ...(scenario.quarantined ? { quarantined: scenario.quarantined } : {}),
  });

const hang = (what: () => string): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(`never came: ${what()}`)), 60_000).unref());

export interface Verdict {
  point: Point;
  broken: string[];
}

/** Does `work` for each point, a few at a time over all scenarios of the file. A throw is a verdict as well. */
export async function eachOf(points: readonly Point[], work: (point: Point) => Promise<string[]>): Promise<Verdict[]> {
  return Promise.all(
    points.map(async (point) => {
      const broken = await oneOfFew(() => work(point)).catch((error: unknown) => [String(error)]);
      return { point, broken };
    }),
  );
}

const waiting: (() => void)[] = [];
let busy = 0;

async function oneOfFew<T>(work: () => Promise<T>): Promise<T> {
  if (busy >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else busy += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  }
}

/** Throws the table of broken points; names the seed, so that the same points can be taken again. */
export function report(name: string, points: readonly Point[], verdicts: readonly Verdict[]): void {
  const red = verdicts.filter(({ broken }) => broken.length > 0);
  if (process.env['CRASH_TABLE'])
    process.stdout.write(
      `${name}: ${verdicts.length} of ${points.length} points\n${points.map((one) => `  ${one.label}\n`).join('')}`,
    );
  if (red.length === 0) return;
  const table = red.map(({ point, broken }) => `${point.label}\n    ${broken.join('\n    ')}`).join('\n  ');
  throw new Error(
    `"${name}": ${red.length} of ${verdicts.length} deaths broke a promise (CRASH_SEED=${SEED})\n  ${table}`,
  );
}
