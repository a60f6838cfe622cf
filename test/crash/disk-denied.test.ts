import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type House, openHouse, signal, until } from '../e2e/house.js';
import { directories } from './data-dirs.js';

// Every directory of the data dir out of reach, one after the other, under one running pulse: it may not be read, may not be written, lies on
// a read-only file system, is a file, is a loop of links. Whoever needs it says which one, why, and where to look; nothing passes for absent;
// the pulse lives; and when it is back everything goes on.
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
/** Somebody else must be able to run the program where it lies; a checkout in a home of root's alone shuts them out. */
const CHECKOUT = new URL('../..', import.meta.url).pathname;
const isShut = isRoot && above(CHECKOUT).some((dir) => (statSync(dir).mode & 0o001) === 0);
// Many process starts in a row: on a loaded machine they take their time.
vi.setConfig({ testTimeout: 180_000 });

function above(path: string): string[] {
  const up = dirname(path);
  return up === path ? [path] : [path, ...above(up)];
}

let house: House;
let mounts: string[] = [];
beforeEach(async ({ skip }) => {
  if (isShut) return skip(`nobody but root can enter ${CHECKOUT}: denied directories are not tested`);
  // Root reads and writes what it likes: everything runs as somebody else.
  house = openHouse(isRoot ? { uid: NOBODY } : {});
  await house.init();
});
afterEach(async () => {
  for (const dir of mounts) execFileSync('umount', ['-l', dir]);
  mounts = [];
  await house?.close();
});

interface Row {
  /** Verbs that cannot answer truthfully without reading it. */
  read: string[][];
  /** Verbs that write there. */
  write: string[][];
  /** The pulse needs it for every look: `status` names it. */
  pulse?: 'read' | 'write' | 'both';
}

let n = 0;
const fresh = () => `x${++n}`;
/** By directory. One that is missing here is red below: a new directory wants its row. */
const ROWS: Record<string, () => Row> = {
  asks: () => ({
    read: [['asks'], ['state'], ['wait', '--timeout', '0'], ['answer', 'a-1', 'x']],
    write: [ask()],
    pulse: 'read',
  }),
  'asks/archive': () => ({ read: [ask()], write: [] }),
  answers: () => ({
    read: [['asks'], ['state'], ['answer', 'setup-1', 'x']],
    write: [['answer', 'setup-1', 'x']],
    pulse: 'read',
  }),
  'answers/archive': () => ({ read: [ask(), ['answer', 'gone-1', 'x']], write: [] }),
  approvals: () => ({ read: [], write: [] }),
  consumed: () => ({ read: [['asks']], write: [], pulse: 'read' }),
  goals: () => ({ read: [['goal', 'list'], ['state']], write: [['goal', 'write', fresh(), 'x']], pulse: 'read' }),
  'goals/archive': () => ({ read: [['goal', 'archive', 'setup']], write: [['goal', 'archive', 'setup']] }),
  sensors: () => ({ read: [['sensor', 'list']], write: [['sensor', 'write', fresh(), 'echo 1']], pulse: 'read' }),
  snapshots: () => ({ read: [['state']], write: [] }),
  history: () => ({
    read: [['history'], ['goal', 'write', 'setup', fresh()]],
    write: [['goal', 'write', 'setup', fresh()]],
  }),
  intents: () => ({ read: [['goal', 'write', fresh(), 'x']], write: [['goal', 'write', fresh(), 'x']], pulse: 'read' }),
  leases: () => ({ read: [claim()], write: [claim()], pulse: 'read' }),
  schedules: () => ({
    read: [['schedule', 'list'], schedule(), ['loops', 'list'], ['loops', 'tick']],
    write: [schedule(), loop()],
  }),
  live: () => ({ read: [['loops', 'runs'], ['runs']], write: [] }),
  // Written when a loop is removed.
  trash: () => ({ read: [], write: [] }),
  workflows: () => ({ read: [['workflows', 'list'], workflow()], write: [workflow()] }),
  'workflows/names': () => ({ read: [workflow()], write: [workflow()] }),
  'workflows/keys': () => ({ read: [], write: [] }),
  objectives: () => ({ read: [['loops', 'goal', 'show', 'objective-20261121-074200-aaaa']], write: [] }),
  'objectives/names': () => ({ read: [], write: [] }),
  cache: () => ({ read: [], write: [] }),
  tells: () => ({
    read: [
      ['worker', 'list'],
      ['tell', 'w', 'x'],
    ],
    write: [['tell', 'w', 'x']],
  }),
  'tells/consumed': () => ({ read: [['tell', 'w', 'x']], write: [] }),
  'tells/discarded': () => ({ read: [['tell', 'w', 'x']], write: [] }),
  workers: () => ({
    read: [['worker', 'list'], ['state'], ['worker', 'start', fresh(), 'x']],
    write: [['worker', 'start', fresh(), 'x']],
  }),
  runs: () => ({ read: [['goal', 'write', fresh(), 'x']], write: [] }),
  pulse: () => ({ read: [['goal', 'write', fresh(), 'x']], write: [] }),
  locks: () => ({ read: [], write: [] }),
  branches: () => ({ read: [], write: [] }),
  worktrees: () => ({ read: [], write: [] }),
  // Its numbers are not given again.
  quarantine: () => ({ read: [ask()], write: [] }),
  reports: () => ({ read: [], write: [] }),
  notify: () => ({ read: [relay()], write: [relay()] }),
};
const relay = () => ['notify', '--once', '--exec', 'true'];
const ask = () => ['ask', fresh(), '--prompt', 'x', '--timeout', '0'];
const claim = () => ['claim', fresh(), '--session', 's'];
const schedule = () => ['schedule', 'write', fresh(), '--in', '1h'];
const loop = () => ['loops', 'create', 'command', fresh(), '--cmd', 'true', '--every', '1h'];
const workflow = () => {
  const file = join(house.base, 'workflow.json');
  writeFileSync(file, '{"steps":[{"id":"a","target":{"type":"command","command":"true"}}]}');
  return ['workflows', 'create', file, '--name', fresh()];
};

interface Fault {
  denies: 'read' | 'write';
  /** What people are told. */
  why: RegExp;
  mounts?: true;
  begin(path: string): void;
  end(path: string): void | Promise<void>;
}

const swapped = (make: (path: string) => void): Pick<Fault, 'begin' | 'end'> => ({
  begin: (path) => {
    renameSync(path, aside());
    make(path);
  },
  end: (path) => {
    rmSync(path);
    renameSync(aside(), path);
  },
});
const aside = () => join(house.base, 'aside');
const mode = (bits: number): Pick<Fault, 'begin' | 'end'> => ({
  begin: (path) => chmodSync(path, bits),
  end: (path) => chmodSync(path, 0o700),
});

const FAULTS: Record<string, Fault> = {
  'may not be read': { denies: 'read', why: /permission denied/, ...mode(0o000) },
  'may not be written': { denies: 'write', why: /permission denied/, ...mode(0o500) },
  'is none: a file or a loop of links': {
    denies: 'read',
    why: /is a file, not a directory|something else has the name|symbolic link/,
    ...swapped((path) => (path.length % 2 === 0 ? writeFileSync(path, 'x') : symlinkSync(path, path))),
  },
  'is on a read-only file system': {
    denies: 'write',
    why: /read-only/,
    mounts: true,
    begin: (path) => {
      execFileSync('mount', ['--bind', path, path], { stdio: 'ignore' });
      mounts.push(path);
      execFileSync('mount', ['-o', 'remount,ro,bind', path], { stdio: 'ignore' });
    },
    end: async (path) => {
      // Whoever reads a file of it at this moment keeps it busy.
      await until(`${path} can be unmounted`, () => {
        try {
          execFileSync('umount', [path], { stdio: 'ignore' });
          return true;
        } catch {
          return false;
        }
      });
      mounts.pop();
    },
  },
};

function canMount(): boolean {
  const dir = join(house.base, 'fake');
  try {
    execFileSync('mount', ['--bind', dir, dir], { stdio: 'ignore' });
    execFileSync('umount', [dir]);
    return true;
  } catch {
    return false;
  }
}

async function complains(verb: string[], dir: string, why: RegExp): Promise<string[]> {
  const { code, stdout, stderr } = await house.tend(verb);
  const problems: string[] = [];
  if (code !== 1 && code !== 3) problems.push(`exit ${code}`);
  if (stdout !== '') problems.push(`stdout: ${stdout}`);
  if (!stderr.includes(dir)) problems.push(`does not name "${dir}"`);
  if (!why.test(stderr)) problems.push(`does not say why`);
  if (!/\n {2}try: /.test(stderr)) problems.push('has no cure');
  return problems.length === 0 ? [] : [`${verb.join(' ')}: ${problems.join(', ')}\n    ${stderr.trim()}`];
}

const shows = (dir: string, why: RegExp) =>
  until(`status names ${dir}`, async () => {
    const status = await house.must(['status']);
    return status.includes(dir) && why.test(status);
  });

test('every directory has its row', () => {
  expect(Object.keys(ROWS).sort()).toEqual(directories());
});

test.for(Object.entries(FAULTS))(
  'a directory that %s: named by whoever needs it, never taken for absent, and the loop goes on after it',
  async ([name, fault], { skip }) => {
    if (fault.mounts && !canMount()) return skip('nothing can be mounted here: a read-only file system is not tested');
    await house.must(['ask', 'a', '--prompt', 'x', '--timeout', '0']).catch(() => undefined);
    const pid = await house.up();
    await house.must(['worker', 'start', 'w', '#!script\nsleep 600\n']);
    await until('a worker runs', () => house.text('workers/w/status.json').includes('running'));
    await house.settled();
    const wrong: string[] = [];
    for (const [dir, row] of Object.entries(ROWS)) {
      const path = join(house.root, dir);
      mkdirSync(path, { recursive: true });
      if (isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, path]);
      const { read, write, pulse } = row();
      fault.begin(path);
      const verbs = fault.denies === 'read' ? [...read, ...write] : write;
      for (let at = 0; at < verbs.length; at += 2)
        for (const said of await Promise.all(verbs.slice(at, at + 2).map((verb) => complains(verb, dir, fault.why))))
          wrong.push(...said.map((text) => `${dir} ${name}: ${text}`));
      if (fault.denies === 'read' && pulse) {
        house.write('PLAYBOOK.md', `${dir}\n`);
        await shows(dir, fault.why).catch(async () =>
          wrong.push(`${dir} ${name}: status says\n${await house.must(['status'])}`),
        );
      }
      await fault.end(path);
      if (!house.inhabitants().includes(pid)) wrong.push(`${dir} ${name}: the pulse died`);
    }
    expect(wrong.join('\n')).toBe('');
    house.next({ action: 'write_goal', id: 'goes-on', body: 'It goes on.' });
    await until('a move', () => {
      house.write('PLAYBOOK.md', `${Date.now()}\n`);
      return house.text('goals/goes-on.md');
    });
    const asking = house.start(['ask', 'me', '--prompt', 'Anybody there?']);
    await until('it is asked', async () => (await house.asks()).some((one) => one.id === 'me-1'));
    await house.must(['answer', 'me-1', 'I am']);
    expect(await asking.ended).toMatchObject({ code: 0, stdout: 'I am\n' });
    await until('the pair is archived', () => existsSync(join(house.root, 'answers/archive/me-1.md')));
    await house.must(['kill', 'w']);
    await house.must(['worker', 'start', 'v', '#!script\nexit 7\n']);
    await until('a worker ends', () => house.text('workers/v/status.json').includes('"exit_code": 7'));
    expect((await house.pulse()).pid).toBe(pid);
    signal(pid, 'SIGTERM');
  },
);
