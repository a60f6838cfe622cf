import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type House, openHouse, signal, until } from '../e2e/house.js';

// What may happen to the whole data dir while a pulse lives on it. The pulse never makes a ghost of a dir that was taken away, never acts
// beside a second one, and never touches what a newer tend made.
// Many process starts in a row: on a loaded machine they take their time.
vi.setConfig({ testTimeout: 180_000 });

let house: House;
beforeEach(async () => {
  house = openHouse();
  await house.init();
});
afterEach(() => house.close());

const aside = () => join(house.base, 'aside');
const runs = (pid: number) => house.inhabitants().includes(pid);
const gone = (pid: number) => until('the pulse has ended', () => !runs(pid));
const goesOn = async (id: string) => {
  house.next({ action: 'write_goal', id, body: 'It goes on.' });
  house.write('goals/goad.md', `${id}\n`);
  await until(`it decides on ${id}`, () => house.text(`goals/${id}.md`));
};

test.each<[string, () => void]>([
  ['removed', () => rmSync(house.root, { recursive: true })],
  ['moved away', () => renameSync(house.root, aside())],
])('a data dir that is %s under a running pulse stays away, and the pulse ends by itself', async (_how, take) => {
  const pid = await house.up();
  await house.settled();
  take();
  await gone(pid);
  expect(existsSync(house.root)).toBe(false);
  const status = await house.tend(['status', '--json']);
  expect([status.code, JSON.parse(status.stdout).pulse.state]).toEqual([0, 'dead']);
  expect((await house.tend(['state'])).stderr).toContain('tend init');
  expect(existsSync(house.root)).toBe(false);
});

test('a worker that ends while its data dir is away makes no ghost of it; its end is recorded when the dir is back', async () => {
  await house.up();
  await house.must([
    'worker',
    'start',
    'w',
    `#!script\nwhile [ ! -e ${house.base}/go ]; do sleep 0.05; done\ntouch ${house.base}/over\nexit 7\n`,
  ]);
  await until('it runs', async () => (await house.must(['worker', 'list'])).includes('running'));
  const asking = house.start(['ask', 'me', '--prompt', 'Anybody there?']);
  await until('it is asked', () => existsSync(join(house.root, 'asks/me-1.md')));
  renameSync(house.root, aside());
  const ended = await asking.ended;
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain('me-1');
  writeFileSync(join(house.base, 'go'), '');
  await until('it is over', () => existsSync(join(house.base, 'over')));
  await until('the pulse has ended', () => house.inhabitants().length <= 1);
  expect(existsSync(house.root)).toBe(false);
  renameSync(aside(), house.root);
  await until('its end is recorded', () => JSON.parse(house.text('workers/w/status.json')).exit_code === 7);
  await until('nobody is left', () => house.inhabitants().length === 0);
});

test('another data dir in its place: the old pulse ends without a trace in it, and a new one tends it', async () => {
  const pid = await house.up();
  await house.settled();
  renameSync(house.root, aside());
  mkdirSync(house.root);
  await gone(pid);
  expect(readdirSync(house.root)).toEqual([]);
  await house.init();
  expect(await house.up()).not.toBe(pid);
  await goesOn('anew');
});

test('an exact copy in its place is tended, by the same pulse or by the next, and the original is left as it was', async () => {
  await house.up();
  await house.settled();
  const copy = join(house.base, 'copy');
  cpSync(house.root, copy, { recursive: true });
  renameSync(house.root, aside());
  renameSync(copy, house.root);
  const before = readdirSync(join(aside(), 'runs'), { recursive: true }).length;
  house.next({ action: 'write_goal', id: 'copied', body: 'It goes on.' });
  house.write('goals/goad.md', 'Look.\n');
  // One that looked between the two renames found no data dir and has ended.
  await until('the copy is tended', async () => {
    await house.up();
    return house.text('goals/copied.md');
  });
  expect(readdirSync(join(aside(), 'runs'), { recursive: true })).toHaveLength(before);
  expect(existsSync(join(aside(), 'goals/copied.md'))).toBe(false);
});

test('a link in its place, to where it was moved: the pulse goes on, and verbs find the same house', async () => {
  const pid = await house.up();
  await house.settled();
  // It must not look between the two: there it would find no data dir, and end.
  signal(pid, 'SIGSTOP');
  renameSync(house.root, aside());
  symlinkSync(aside(), house.root);
  signal(pid, 'SIGCONT');
  await goesOn('linked');
  expect(runs(pid)).toBe(true);
  expect(await house.pulse()).toMatchObject({ alive: true, pid });
  await house.must(['answer', 'setup-1', 'through the link']);
  await until('the answer is read', () => house.lastPrompt().includes('through the link'));
});

test('an older copy, in which epoch numbers come back: one pulse at most lives on, also when a new one takes the same number', async () => {
  const backup = join(house.base, 'backup');
  await house.up();
  await house.settled();
  await house.must(['down']);
  cpSync(house.root, backup, { recursive: true });
  const old = await house.up();
  await house.settled();
  signal(old, 'SIGSTOP');
  rmSync(house.root, { recursive: true });
  renameSync(backup, house.root);
  const young = await house.up();
  expect(young).not.toBe(old);
  const epoch = (root: string) => readdirSync(join(root, 'locks/pulse')).map((name) => Number.parseInt(name, 10));
  expect(Math.max(...epoch(house.root))).toBe(2);
  signal(old, 'SIGCONT');
  await gone(old);
  await goesOn('restored');
  expect(await house.pulse()).toMatchObject({ alive: true, pid: young });
});

const VERBS: string[][] = [
  ['status'],
  ['state'],
  ['asks'],
  ['wait', '--timeout', '0'],
  ['answer', 'setup-1', 'x'],
  ['ask', 'me', '--prompt', 'x'],
  ['goal', 'write', 'g', 'x'],
  ['goal', 'list'],
  ['journal'],
  ['run', '--', 'touch', 'ran'],
  ['worker', 'start', 'w', 'x'],
  ['worker', 'list'],
  ['claim', 'l', '--session', 's'],
  ['schedule', 'write', 's', '--in', '60'],
  ['playbook', 'write', 'x'],
  ['history'],
  ['init', '--runner', 'embedded', '--yes'],
  ['up'],
  ['up', '--foreground'],
  ['down'],
];

test('a data dir of a newer tend is refused by every verb and by the pulse, in words, and not a byte of it changes', async () => {
  house.write('format.json', '{ "format": 2, "future": true }\n');
  const picture = () =>
    (readdirSync(house.root, { recursive: true }) as string[])
      .sort()
      .map((key) => `${key} ${statSync(join(house.root, key)).mtimeMs}`);
  const before = picture();
  for (let n = 0; n < VERBS.length; n += 2) {
    await Promise.all(
      VERBS.slice(n, n + 2).map(async (verb) => {
        const { code, stdout, stderr } = await house.tend(verb);
        expect({ verb, code, stdout }).toEqual({ verb, code: 3, stdout: '' });
        expect(stderr).toMatch(/newer tend made it \(format 2, this one knows 1\); update tend/);
      }),
    );
  }
  expect(picture()).toEqual(before);
  house.write('format.json', 'damaged');
  expect((await house.tend(['asks'])).code).toBe(0);
});
