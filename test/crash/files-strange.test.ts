import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type House, openHouse, until } from '../e2e/house.js';
import { directories, filled, layout } from './data-dirs.js';

// Things that are no records, at every name where a record may be, all at once on one running pulse. Nothing hangs, nothing is lost or
// followed out of the data dir, what a human should know is said, and the rest of the loop goes on.
// Many process starts in a row: on a loaded machine they take their time.
vi.setConfig({ testTimeout: 180_000 });

let house: House;
beforeEach(async () => {
  house = openHouse();
  await house.init();
});
afterEach(() => house.close());

const SECRET = 'the diary of a neighbour';
const outside = () => join(house.base, 'outside');

/** What lies where a record is expected: made at `at`, to be found at `path`. */
const KINDS: Record<string, (at: string, path: string) => void> = {
  garbage: (at) =>
    writeFileSync(
      at,
      Uint8Array.from({ length: 2_000 }, (_, n) => (n * 7_919) % 256),
    ),
  empty: (at) => writeFileSync(at, ''),
  huge: (at) => {
    writeFileSync(at, '');
    truncateSync(at, 2 ** 30);
  },
  elsewhere: (at) => symlinkSync(outside(), at),
  loop: (at, path) => symlinkSync(path, at),
  nowhere: (at) => symlinkSync(join(house.base, 'nothing'), at),
  pipe: (at) => void execFileSync('mkfifo', [at]),
  folder: (at) => mkdirSync(at),
  newer: (at, path) =>
    writeFileSync(at, path.endsWith('.md') ? '---\nformat: 99\n---\nFrom tomorrow\n' : '{"format":99}\n'),
};

/** Names that no record has. */
const NAMES = ['ü–✓', 'a\nb', '-rf', '--help', 'a b', '%s', '$(reboot)', 'x'.repeat(250), '[31m', ' '];

interface Planted {
  key: string;
  kind: string;
  inode: number;
}

/** The loop runs meanwhile and may take a thing away at once: it is made and looked at elsewhere, and then put there whole. */
const plant = (key: string, kind: string, make: (at: string, path: string) => void): Planted => {
  const path = join(house.root, key);
  const at = join(house.base, 'planting');
  mkdirSync(dirname(path), { recursive: true });
  make(at, path);
  const stat = lstatSync(at);
  if (key.startsWith('sensors/') && stat.isFile()) chmodSync(at, 0o700);
  renameSync(at, path);
  return { key, kind, inode: stat.ino };
};

function plantEverywhere(): Planted[] {
  let n = 0;
  const all: Planted[] = [];
  for (const path of layout().filter((one) => one.includes('<') && one.includes('/'))) {
    const file = path.endsWith('/') ? `${path}<name>` : path;
    for (const [kind, make] of Object.entries(KINDS)) all.push(plant(filled(file, `${kind}-${++n}`, n), kind, make));
  }
  for (const dir of ['', ...directories()]) {
    const ending = /<[^>]+>(\.\w+)$/.exec(layout().find((path) => dirname(path) === dir) ?? '')?.[1] ?? '';
    for (const name of NAMES) {
      const key = join(dir, `${name.slice(0, 255 - ending.length)}${ending}`);
      all.push(plant(key, 'name', (at) => writeFileSync(at, 'odd\n')));
    }
  }
  return all;
}

/** Inode → key of everything below. */
function everything(dir = '', found = new Map<number, string>()): Map<number, string> {
  for (const entry of readdirSync(join(house.root, dir), { withFileTypes: true })) {
    const key = join(dir, entry.name);
    const stat = lstatSync(join(house.root, key), { throwIfNoEntry: false });
    // A temp name of the living loop may be gone by now.
    if (!stat) continue;
    found.set(stat.ino, key);
    if (entry.isDirectory()) everything(key, found);
  }
  return found;
}

const LOOKS: string[][] = [
  ['status'],
  ['state'],
  ['state', '--json'],
  ['asks'],
  ['wait', '--timeout', '0'],
  ['worker', 'list', '--all'],
  ['goal', 'list'],
  ['sensor', 'list'],
  ['schedule', 'list'],
  ['history'],
  ['journal'],
];

test('the page names every directory that a busy house has', async () => {
  house.next({ action: 'write_goal', id: 'tidy', body: 'one' });
  await house.up();
  await house.must(['worker', 'start', 'w', '#!script\nsleep 60\n']);
  await until('the worker runs', () => house.text('workers/w/status.json').includes('running'));
  await house.must(['tell', 'w', 'hello']);
  await house.must(['claim', 'repo', '--session', 'me']);
  await house.must(['schedule', 'write', 's', '--in', '1h']);
  await house.must(['goal', 'write', 'setup', 'two']);
  await house.settled();
  house.next({ action: 'run_shell', cmd: 'rm -r build' });
  house.write('goals/goad.md', 'Look.\n');
  await until('the gate asks', async () => (await house.asks()).some((ask) => ask.id === 'gate-1'));
  await house.must(['answer', 'gate-1', 'no']);
  await until('it is settled', () => readdirSync(house.root).includes('approvals'));
  const known = directories();
  const real = [...everything().values()].filter((key) =>
    lstatSync(join(house.root, key), { throwIfNoEntry: false })?.isDirectory(),
  );
  // Below these, directories are named by runs, workers, locks and policy files.
  const free = /^(runs|workers|locks|history|reports)\//;
  expect(real.filter((key) => !known.includes(key) && !free.test(key))).toEqual([]);
  expect(real.length).toBeGreaterThan(15);
});

test('strange things at every name where a record may be: reported or left alone, never lost or followed, and the loop goes on', async () => {
  writeFileSync(outside(), `${SECRET}\n`);
  const pid = await house.up();
  await house.settled();
  await house.must([
    'worker',
    'start',
    'w',
    `#!script\nwhile [ ! -e ${house.base}/go ]; do sleep 0.05; done\nexit 7\n`,
  ]);
  await until('a worker runs', () => house.text('workers/w/status.json').includes('running'));
  const all = plantEverywhere();
  expect(all.length).toBeGreaterThan(400);

  // The loop goes on: a move, an ask and its answer, a worker and its end.
  house.next({ action: 'write_goal', id: 'goes-on', body: 'It goes on.' });
  house.write('goals/goad.md', 'Look.\n');
  await until('a move', () => house.text('goals/goes-on.md')).catch(async (error: unknown) => {
    throw new Error(`${error}\n${(await house.must(['status'])).slice(0, 4_000)}`);
  });
  const asking = house.start(['ask', 'me', '--prompt', 'Anybody there?']);
  await until('it is asked', async () => (await house.asks()).some((ask) => ask.id === 'me-1'));
  await house.must(['answer', 'me-1', 'I am']);
  expect(await asking.ended).toMatchObject({ code: 0, stdout: 'I am\n' });
  await until('the pair is archived', () => house.text('answers/archive/me-1.md'));
  writeFileSync(join(house.base, 'go'), '');
  await until('the worker ends', () => house.text('workers/w/status.json').includes('"exit_code": 7'));
  // How many live is not known any more, so no further one is started: it might be one too many.
  expect((await house.tend(['worker', 'start', 'v', 'x'])).stderr).toContain('it is not known whether worker');

  // Whoever looks is answered; what is broken is named.
  const said: Record<string, string> = {};
  for (let n = 0; n < LOOKS.length; n += 2)
    await Promise.all(
      LOOKS.slice(n, n + 2).map(async (verb) => {
        const { code, stdout, stderr } = await house.tend(verb);
        expect({ verb, code, stderr: code === 0 ? '' : stderr }).toEqual({ verb, code: 0, stderr: '' });

        expect(`${stdout}${stderr}`).not.toMatch(/\x1b\[31m/);
        said[verb[0]!] = `${said[verb[0]!] ?? ''}${stdout}${stderr}`;
      }),
    );
  const words = Object.values(said).join('');
  const mustBeNamed = /^(asks|answers|intents|leases|schedules|sensors|workers)\/[^/]+(\/spec\.json|\/status\.json)?$/;
  await until('what is no record is in quarantine', () =>
    readdirSync(join(house.root, 'quarantine')).some((n) => n.startsWith('asks__garbage')),
  );
  const places = everything();
  const unsaid = all
    .filter(({ key, kind }) => mustBeNamed.test(key) && kind !== 'name' && kind !== 'elsewhere')
    .filter(({ key, inode }) => !places.get(inode)?.startsWith('quarantine/') && !words.includes(nameOf(key)));
  expect(unsaid.map(({ key }) => key)).toEqual([]);

  // Nothing is lost: everything lies where it was put, or in quarantine. Readings are a cache, and theirs may go.
  const lost = all.filter(({ key, inode }) => {
    const place = places.get(inode);
    return place !== key && !place?.startsWith('quarantine/') && !key.startsWith('snapshots/');
  });
  expect(lost.map(({ key }) => key)).toEqual([]);
  expect(readFileSync(outside(), 'utf8')).toBe(`${SECRET}\n`);

  // No gigabyte was read. VmHWM is the greatest size that the pulse ever had.
  expect(Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])).toBeLessThan(200_000);
});

/** What a human recognises a record by: the name of its file, or of its worker. */
const nameOf = (key: string): string =>
  key.startsWith('workers/') ? key.split('/')[1]! : key.slice(key.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
