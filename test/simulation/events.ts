/**
 * What can befall the simulated machine, as plain data: a history is a list of events, drawn from a seed, printed when it fails
 * and performed again from the same data. `n` chooses among what is there when the event comes.
 */
import type { Fate } from './machine.js';
import { DATA, type World } from './outside.js';
import type { Process } from './process.js';
import type { Random } from './random.js';
import type { Witness } from './witness.js';

export interface Event {
  do: Deed;
  n: number;
  /** What happens while the process of a `freeze` stands still. */
  during?: Event[];
}

export interface Stage {
  world: World;
  witness: Witness;
  perform(event: Event): void;
}

const HUMAN = { HOME: '/home/human', PATH: '/usr/bin', TEND_DATA_DIR: DATA };
const TIMES_MS = [50, 300, 1_500, 6_000, 12_000, 35_000, 65_000, 400_000] as const;
const JUMPS_MS = [3_600_000, -3_600_000, 31_536_000_000, -31_536_000_000] as const;
const ANSWERS = [
  'yes',
  'no, not today',
  'YES.',
  'prose: maybe later',
  'raise for today',
  'n',
  'raise for good 3',
] as const;

/** A verb of the human, of a script, or of a worker, on a command line of its own. */
function verb(
  { world }: Stage,
  argv: readonly string[],
  env: Record<string, string | undefined> = HUMAN,
  parent = 1,
): Process {
  return world.machine.start(argv, env, parent);
}

const idsOf = (world: World, dir: string): string[] =>
  world
    .names(dir)
    .filter((name) => /^[a-z]+-\d+\.md$/.test(name))
    .map((name) => name.slice(0, -3));

const pulseOf = (world: World, n: number): Process | undefined => {
  const pulses = world.pulses();
  return pulses[n % Math.max(1, pulses.length)];
};

const ours = (world: World, program: string): Process[] =>
  world.machine.living.filter((one) => one.argv[0] === program);

/** Says something to an ask, and keeps what the human was told. */
function answer(stage: Stage, n: number, more: readonly string[] = []): void {
  const { world, witness } = stage;
  witness.look();
  const open = idsOf(world, 'asks');
  const id = open[n % Math.max(1, open.length)] ?? 'gate-1';
  // Nobody says yes to a question that they have not seen; it may be asked before the verb runs.
  const words = open.length > 0 ? ANSWERS : ANSWERS.filter((one) => !/^yes/i.test(one));
  const word = words[Math.floor(n / 7) % words.length]!;
  const isYes = /^yes/i.test(word);
  const raised = witness.asks.get(id);
  if (isYes && raised?.cmd !== undefined && world.data(`asks/${id}.md`) === raised.text) {
    if (!world.yeses.has(raised.cmd)) world.yeses.set(raised.cmd, new Set());
    world.yeses.get(raised.cmd)!.add(id);
  }
  // A word that only this answer has: whether it was kept can then be told.
  const text = /^(?:no|n|prose)/.test(word) ? `${word} (${world.next()})` : word;
  const process = verb(stage, ['answer', id, ...more, text]);
  process.onEnd.push(({ code }) => {
    if (code === 0) world.acknowledged.push({ id, text: shownAs(text), forced: more.length > 0 });
  });
}

/** `tend answer` records the beginning of an option as that option; everything else word for word. */
const shownAs = (text: string): string => text;

function decide(world: World, decision: Record<string, unknown>, said: string): void {
  world.decisions.push(JSON.stringify({ ...decision, journal: `did ${said}` }));
  world.depth += 1;
  nudge(world);
}

/** A file event that says nothing: the world is looked at at the next poll. */
const nudge = (world: World): unknown => world.machine.disk.put(`${DATA}/leases/nudge`, '');

const token = (world: World): string => `x${world.next()}x`;

const DEEDS = {
  pass: ({ world }, n) => world.machine.pass(TIMES_MS[n % TIMES_MS.length]!, 2),
  settle: ({ world }) => world.machine.settle(),
  step: ({ world }, n) => {
    for (let i = 0; i < n % 6; i++) world.machine.step();
  },
  'clock jumps': ({ world }, n) => {
    world.machine.wallOffsetMs += JUMPS_MS[n % JUMPS_MS.length]!;
  },

  'a pulse starts': (stage) => void (stage.world.pulses().length < 3 && verb(stage, ['__pulse'])),
  'the pulse is killed': ({ world }, n) => kill(world, pulseOf(world, n)),
  'the pulse is told to end': ({ world }, n) => signal(world, pulseOf(world, n), 'SIGTERM'),
  'the pulse is stopped': ({ world }, n) => signal(world, pulseOf(world, n), 'SIGSTOP'),
  'the pulse goes on': ({ world }) => {
    for (const pulse of world.pulses()) signal(world, pulse, 'SIGCONT');
  },
  'the pulse dies in a step': ({ world }, n) => crash(world, pulseOf(world, n), n),
  'the pulse freezes in a step': (stage, n, during) => {
    const pulse = pulseOf(stage.world, n);
    if (!pulse) return;
    const meanwhile = () => {
      for (const event of during) stage.perform(event);
    };
    stage.world.machine.doom(pulse, { freeze: { in: n % 1_200, meanwhile } });
  },

  'the sensor changes': ({ world }) => {
    world.depth += 1;
    nudge(world);
  },
  'the model wants a harmless command': ({ world }) => {
    const said = token(world);
    decide(world, { action: 'run_shell', cmd: `echo ${said}` }, said);
  },
  'the model wants a command that must be asked': ({ world }) => {
    const said = token(world);
    decide(world, { action: 'run_shell', cmd: `deploy ${said}` }, said);
  },
  'the model wants the same command again': ({ world }, n) => {
    const said = [...world.yeses.keys()][n % Math.max(1, world.yeses.size)];
    if (said) decide(world, { action: 'run_shell', cmd: said }, /x\d+x/.exec(said)![0]);
  },
  'the model wants a command that fails': ({ world }) => {
    const said = token(world);
    decide(world, { action: 'run_shell', cmd: `echo fail ${said}` }, said);
  },
  'the model wants a catastrophe': ({ world }) => decide(world, { action: 'run_shell', cmd: 'rm -rf /' }, token(world)),
  'the model writes a goal': ({ world }, n) => {
    const said = token(world);
    decide(world, { action: 'write_goal', id: `g${n % 2}`, body: `# goal ${said}` }, said);
  },
  'the model archives a goal': ({ world }, n) =>
    decide(world, { action: 'archive_goal', id: `g${n % 2}` }, token(world)),
  'the model asks': ({ world }) => {
    const said = token(world);
    decide(world, { action: 'ask_human', prompt: `Which one, ${said}?`, options: ['this', 'that'] }, said);
  },
  'the model starts a worker': ({ world }, n) => {
    decide(
      world,
      { action: 'start_worker', id: `w${n % 2}`, prompt: 'Work.', ...(n % 3 === 0 ? { verify: 'check' } : {}) },
      token(world),
    );
  },
  'the model stops a worker': ({ world }, n) => decide(world, { action: 'kill_worker', id: `w${n % 2}` }, token(world)),
  'the model tells a worker': ({ world }, n) =>
    decide(world, { action: 'tell_worker', id: `w${n % 2}`, message: 'Hurry.' }, token(world)),
  'the model speaks nonsense': ({ world }) => {
    world.decisions.push('I would rather not say.');
    world.depth += 1;
    nudge(world);
  },
  'the model insists': ({ world }, n) => {
    world.insists = n % 3 > 0;
  },
  'the model fails for a while': ({ world }, n) => {
    world.deciderFails = n % 2 === 0;
  },
  'a model call becomes dear': ({ world }, n) => {
    world.cost = [0.01, 0.2, undefined][n % 3];
  },

  'the human answers': (stage, n) => answer(stage, n),
  'the human says yes': (stage, n) => answer(stage, (n % 7) + (n % 2) * 98),
  'two people answer at once': (stage, n) => {
    answer(stage, n % 7);
    answer(stage, (n % 7) + 7);
  },
  'the human changes an answer': (stage, n) => answer(stage, n, ['--force']),
  'the answer dies in a step': (stage, n) => {
    const before = new Set(stage.world.machine.living);
    answer(stage, n);
    const born = stage.world.machine.living.find((one) => !before.has(one));
    crash(stage.world, born, Math.floor(n / 3) % 40);
  },
  'the human closes an ask': (stage, n) => {
    const open = idsOf(stage.world, 'asks');
    if (open.length > 0) verb(stage, ['ask', 'close', open[n % open.length]!]);
  },
  'the human writes a goal': ({ world }, n) =>
    world.machine.disk.put(`${DATA}/goals/g${n % 2}.md`, `# by hand ${world.next()}\n`),
  'the human removes a goal': ({ world }, n) => remove(world, `goals/g${n % 2}.md`),
  'the human edits the PLAYBOOK': ({ world }) =>
    world.machine.disk.put(`${DATA}/PLAYBOOK.md`, `Be calm, ${world.next()}.\n`),
  'somebody looks': (stage, n) => void verb(stage, [['asks'], ['status'], ['state']][n % 3]!),
  'the human runs a command': (stage) => {
    const cmd = `echo human ${token(stage.world)}`;
    verb(stage, ['run', '--', ...cmd.split(' ')]);
  },

  'a hand writes garbage over a record': ({ world }, n) => {
    const dir = ['asks', 'answers', 'asks', 'schedules'][n % 4]!;
    const names = world.names(dir).filter((name) => name.includes('.'));
    const name = names[Math.floor(n / 4) % Math.max(1, names.length)] ?? 'web-1.md';
    world.byHand.add(name.replace(/\.\w+$/, ''));
    world.machine.disk.put(`${DATA}/${dir}/${name}`, ['', 'no record', '---\nid: [', '\0\0\0'][n % 4]!);
  },
  'a hand edits what an approval would run': ({ world }, n) => {
    const id = idsOf(world, 'asks').filter((one) => one.startsWith('gate-'))[n % 2];
    const text = id === undefined ? undefined : world.data(`asks/${id}.md`);
    if (text === undefined) return;
    world.byHand.add(id!);
    world.machine.disk.put(`${DATA}/asks/${id}.md`, text.replaceAll('deploy', 'forged'));
  },
  'somebody forges a yes': ({ world }, n) => {
    const id = idsOf(world, 'asks').filter((one) => one.startsWith('gate-'))[n % 2];
    if (id === undefined || world.data(`answers/${id}.md`) !== undefined) return;
    world.byHand.add(id);
    const digest = /digest"?: "?([0-9a-f]{64})/.exec(world.data(`asks/${id}.md`) ?? '')?.[1] ?? '';
    const head = `format: 1\nid: ${id}\noutcome: answered\nts: 1\nby: human\nchannel: cli\ndigest: ${digest}`;
    world.machine.disk.put(`${DATA}/answers/${id}.md`, `---\n${head}\n---\nyes\n`);
  },
  'somebody forges an intent': ({ world }) => {
    const run = `shell-20260302-100000-${world.next()}`;
    const move = { action: 'run_shell', cmd: 'forged x0x' };
    const intent = { format: 1, run, day: '2026-03-02', action: 'run_shell', move, origin: 'pulse', ts: 1 };
    if (world.machine.disk.peek(`${DATA}/intents`))
      world.machine.disk.put(`${DATA}/intents/${run}.json`, JSON.stringify(intent));
  },
  'a hand removes what may be removed': ({ world }, n) => {
    const key = [
      'pulse/memory.json',
      'pulse/holder.json',
      'snapshots/sensor-depth.json',
      'journal.md.1',
      'snapshots/sys-asks.json',
    ][n % 5]!;
    if (key === 'pulse/memory.json') world.memoryLost = true;
    remove(world, key);
  },
  'the memory is garbage': ({ world }) => {
    world.memoryLost = true;
    if (world.data('pulse/memory.json') !== undefined)
      world.machine.disk.put(`${DATA}/pulse/memory.json`, '{"format":1,');
  },

  'the disk is full for a while': ({ world }, n) => {
    world.diskFailed = true;
    world.machine.disk.isFull = n % 2 === 0;
  },
  'some writes are refused': ({ world }, n) => {
    world.diskFailed = true;
    const code = ['ENOSPC', 'EACCES', 'EIO'][n % 3]!;
    const path = [
      /^\/data\//,
      /^\/data\/(asks|answers|consumed)/,
      /^\/data\/(intents|approvals|runs)/,
      /^\/data\/(pulse|locks|spend)/,
    ][Math.floor(n / 3) % 4]!;
    world.machine.refusal = { code, path, left: 1 + (n % 12), reads: false };
  },
  'some reads are refused': ({ world }, n) => {
    world.diskFailed = true;
    const path = [
      /^\/data\//,
      /^\/data\/(asks|answers|consumed)/,
      /^\/data\/(intents|approvals|runs)/,
      /^\/data\/(pulse|locks|spend)/,
    ][Math.floor(n / 3) % 4]!;
    world.machine.refusal = { code: ['EACCES', 'EIO', 'EMFILE'][n % 3]!, path, left: 1 + (n % 12), reads: true };
  },

  'commands hang for a while': ({ world }, n) => {
    world.commandsEnd = n % 2 === 0;
    if (world.commandsEnd) for (const process of world.running) world.machine.end(process, { code: 0, signal: null });
  },
  'a shell supervisor is killed': ({ world }, n) => kill(world, ours(world, '__shell')[n % 2]),
  'a shell supervisor dies in a step': ({ world }, n) => crash(world, ours(world, '__shell')[n % 2], n % 60),
  'the next shell supervisor dies in a step': ({ world }, n) =>
    world.machine.doomNext('__shell', { crash: crashOf(n % 80) }),
  'the next shell supervisor freezes in a step': (stage, n, during) => freezeNext(stage, '__shell', n, during),
  'the next worker supervisor freezes in a step': (stage, n, during) => freezeNext(stage, '__worker', n, during),
  'a worker ends': ({ world }, n) => {
    const worker = [...world.workers][n % 2];
    if (worker)
      world.machine.end(worker, n % 3 === 0 ? { code: null, signal: 'SIGKILL' } : { code: n % 2, signal: null });
  },
  'a worker asks': (stage, n) => {
    const worker = [...stage.world.workers][n % 2];
    if (worker) verb(stage, ['ask', '--prompt', `May I, ${n % 3}?`], worker.env, worker.pid);
  },
  'an asker is killed': ({ world }, n) => kill(world, ours(world, 'ask')[n % 2]),
  'a worker supervisor is killed': ({ world }, n) => kill(world, ours(world, '__worker')[n % 2]),
  'a worker supervisor dies in a step': ({ world }, n) => crash(world, ours(world, '__worker')[n % 2], n % 60),
} as const satisfies Record<string, (stage: Stage, n: number, during: Event[]) => unknown>;

export type Deed = keyof typeof DEEDS;

export const perform = (stage: Stage, event: Event): void => {
  (DEEDS[event.do] as (stage: Stage, n: number, during: Event[]) => unknown)(stage, event.n, event.during ?? []);
};

function kill(world: World, process: Process | undefined): void {
  if (process) world.machine.signal(process, 'SIGKILL');
}
function signal(world: World, process: Process | undefined, name: string): void {
  if (process) world.machine.signal(process, name);
}
function crash(world: World, process: Process | undefined, n: number): void {
  if (!process) return;
  world.machine.doom(process, { crash: crashOf(n) });
}
/** A beat has some hundred calls that change something. */
function crashOf(n: number): NonNullable<Fate['crash']> {
  const how = (['before', 'after', 0.5, 0.1] as const)[n % 4]!;
  return { in: Math.floor(n / 4) % 160, how };
}
function freezeNext(stage: Stage, program: string, n: number, during: Event[]): void {
  const meanwhile = () => {
    for (const event of during) stage.perform(event);
  };
  stage.world.machine.doomNext(program, { freeze: { in: n % 24, meanwhile } });
}
function remove(world: World, key: string): void {
  if (world.data(key) !== undefined) world.machine.disk.drop(`${DATA}/${key}`);
}

/** How often each deed comes, in proportion; what is not named has 1. */
const WEIGHT: Partial<Record<Deed, number>> = {
  pass: 14,
  step: 3,
  settle: 2,
  'a pulse starts': 4,
  'the pulse dies in a step': 7,
  'the pulse freezes in a step': 4,
  'the pulse is killed': 2,
  'the model wants a command that must be asked': 6,
  'the model wants a harmless command': 4,
  'the model insists': 2,
  'some writes are refused': 3,
  'the human answers': 3,
  'the human says yes': 5,
  'the answer dies in a step': 2,
  'two people answer at once': 2,
};
const BAG: readonly Deed[] = (Object.keys(DEEDS) as Deed[]).flatMap((deed) =>
  Array<Deed>(WEIGHT[deed] ?? 1).fill(deed),
);

/** What belongs together: without its later parts the first one has no consequence. */
const SCENES: readonly (readonly Deed[])[] = [
  ['the model wants a command that must be asked', 'pass', 'the human says yes', 'pass'],
  ['the model wants a command that must be asked', 'pass', 'two people answer at once', 'pass'],
  ['the model wants a command that must be asked', 'pass', 'the human answers', 'the human changes an answer', 'pass'],
  ['the model insists', 'the model wants a command that must be asked', 'pass', 'the human closes an ask', 'pass'],
  ['the model wants a harmless command', 'pass'],
  ['commands hang for a while', 'the model wants a harmless command', 'pass', 'a shell supervisor is killed', 'pass'],
  ['the model asks', 'pass', 'the human answers', 'pass'],
  ['the model wants a harmless command', 'the pulse freezes in a step', 'pass', 'pass'],
  [
    'the model wants a command that must be asked',
    'pass',
    'the pulse freezes in a step',
    'the human says yes',
    'pass',
    'pass',
  ],
  ['the pulse is stopped', 'the model wants a harmless command', 'a pulse starts', 'pass', 'the pulse goes on', 'pass'],
  [
    'the model insists',
    'the model wants a command that must be asked',
    'the pulse dies in a step',
    'pass',
    'a pulse starts',
    'pass',
  ],
  // Deaths where a step is half done: between the yes and its end, the question and its mark, the effect and its telling.
  [
    'the model wants a command that must be asked',
    'pass',
    'the human says yes',
    'the pulse dies in a step',
    'pass',
    'a pulse starts',
    'pass',
  ],
  [
    'the model wants a command that must be asked',
    'pass',
    'the human answers',
    'the pulse dies in a step',
    'pass',
    'a pulse starts',
    'pass',
  ],
  ['the model wants a harmless command', 'the pulse dies in a step', 'pass', 'a pulse starts', 'pass'],
  ['the model asks', 'pass', 'the human answers', 'the pulse dies in a step', 'pass', 'a pulse starts', 'pass'],
  ['the model wants a harmless command', 'the next shell supervisor freezes in a step', 'pass', 'pass'],
  ['the model wants a harmless command', 'the next shell supervisor dies in a step', 'pass', 'pass'],
  ['the model starts a worker', 'the next worker supervisor freezes in a step', 'pass', 'pass', 'pass'],
  // What is due by the clock when the clock is set.
  ['the model fails for a while', 'the sensor changes', 'pass', 'clock jumps', 'the model fails for a while', 'pass'],
  ['the model starts a worker', 'pass', 'a worker asks', 'step', 'the human answers', 'pass'],
  ['the model starts a worker', 'pass', 'a worker ends', 'pass'],
  ['the model writes a goal', 'pass', 'the human writes a goal', 'pass'],
  [
    'a model call becomes dear',
    'the model insists',
    'the model wants a harmless command',
    'pass',
    'the sensor changes',
    'pass',
  ],
];
/** Who stands still, and how another comes to take over meanwhile. */
const TAKEOVERS: Partial<Record<Deed, readonly Deed[]>> = {
  'the pulse freezes in a step': ['a pulse starts', 'pass'],
  'the next shell supervisor freezes in a step': ['the pulse is killed', 'a pulse starts', 'pass'],
  'the next worker supervisor freezes in a step': ['the pulse is killed', 'a pulse starts', 'pass'],
};
/** Lengths of a pass in which a look, a call and a command have room. */
const MOMENTS = [3, 3, 4, 5] as const;

/** A history to be, from chance: some scenes, and what comes between their parts. */
export function drawEvents(random: Random): Event[] {
  const one = (deed: Deed, depth: number): Event => {
    const n = deed === 'pass' && random.chance(0.7) ? random.pick(MOMENTS) : random.below(100_000);
    const event: Event = { do: deed, n };
    const takeover = TAKEOVERS[deed];
    if (!takeover) return event;
    const during = depth > 0 ? [] : Array.from({ length: 1 + random.below(4) }, () => one(random.pick(BAG), depth + 1));
    // Standing still means most when another takes over meanwhile.
    if (depth === 0 && random.chance(0.6)) during.unshift(...takeover.map((next) => ({ do: next, n: 4 })));
    return { ...event, during };
  };
  const scene = () =>
    random
      .pick(SCENES)
      .flatMap((deed) => (random.chance(0.25) ? [one(random.pick(BAG), 0), one(deed, 0)] : [one(deed, 0)]));
  return Array.from({ length: random.chance(0.1) ? 2 : 1 }, scene).flat();
}
