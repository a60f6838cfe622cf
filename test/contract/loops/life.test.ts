/** The life of a loop as its user sees it: list, show, pause, resume, stop, remove, rename, archive, and what a hand edit does. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loopIds, readLoop } from '../../../src/store/loops.js';
import { type LoopsCli, makeLoopsCli } from './loops-cli.js';

let tend: LoopsCli;
beforeEach(() => {
  tend = makeLoopsCli();
});
afterEach(() => tend.remove());

const PAST = '2026-01-02T03:04:05.000Z';
const loops = (...argv: string[]) => tend.cli('loops', ...argv);
const runs = (...argv: string[]) => tend.json<{ status: string; scheduledFor: string }[]>('loops', 'runs', ...argv);
const specFile = (id: string) => tend.disk.path(`schedules/${id}/spec.json`);
const editSpec = (id: string, edit: (spec: Record<string, unknown>) => object) =>
  writeFileSync(specFile(id), JSON.stringify(edit(JSON.parse(readFileSync(specFile(id), 'utf8')))));

test('a loop that runs once at a past time is due at the next tick, then it is stopped [loops 18]', async () => {
  const id = await tend.create('once', '--at', PAST);
  expect((await loops('tick')).out).toBe('completed=1 skipped=0 recovered=0\n');
  const loop = await tend.json('loops', 'show', id);
  expect(loop).toMatchObject({ status: 'stopped', lastRun: { status: 'succeeded' } });
  expect(loop).not.toHaveProperty('nextRunAt');
  expect(await runs(id)).toMatchObject([{ status: 'succeeded', scheduledFor: PAST }]);
  expect((await loops('tick')).out).toBe('completed=0 skipped=0 recovered=0\n');
});

test('a paused loop runs nothing; resumed, it makes up for what it missed once [loops 19]', async () => {
  const id = await tend.create('p', '--every', '1m');
  expect((await loops('pause', 'p')).out).toBe(`${id} paused\n`);
  tend.setState(id, { nextRunAt: PAST });
  expect((await loops('tick')).out).toBe('completed=0 skipped=0 recovered=0\n');
  expect(await tend.json('loops', 'resume', 'p')).toMatchObject({ id, status: 'active', nextRunAt: PAST });
  await loops('tick');
  await loops('tick');
  expect(await runs('p')).toHaveLength(1);
  expect(Date.parse(tend.loop(id).loopState.nextRunAt!)).toBeGreaterThan(Date.now());
});

test('paused while its run is under way: the run ends, and after the resume the loop goes on without a second one [loops 20]', async () => {
  const { id } = await tend.json('loops', 'create', 'command', 'r', '--cmd', 'read x <$HOME/fifo', '--every', '1m');
  const fifo = `${tend.dir}/fifo`;
  const { execFileSync } = await import('node:child_process');
  execFileSync('mkfifo', [fifo]);
  tend.setState(String(id), { nextRunAt: PAST });
  const ticking = loops('tick');
  await vi.waitFor(async () => expect(await runs()).toMatchObject([{ status: 'running' }]), { timeout: 40_000 });
  expect((await loops('pause', 'r')).exit).toBe(0);
  writeFileSync(fifo, 'go\n');
  expect((await ticking).out).toBe('completed=1 skipped=0 recovered=0\n');
  expect((await loops('resume', 'r')).exit).toBe(0);
  expect((await loops('tick')).out).toBe('completed=0 skipped=0 recovered=0\n');
  expect(await runs()).toMatchObject([{ status: 'succeeded' }]);
  expect(Date.parse(tend.loop(String(id)).loopState.nextRunAt!)).toBeGreaterThan(Date.now());
});

test.each([
  ['interval', ['--every', '1h']],
  ['cron', ['--cron', '@daily']],
  ['dynamic', ['--dynamic']],
])('stopped, a loop of the kind %s has no next time; resumed, it begins anew from now [loops 21]', async (_, flags) => {
  const id = await tend.create('s', ...flags);
  tend.setState(id, { nextRunAt: PAST });
  const stopped = await tend.json('loops', 'stop', 's');
  expect(stopped).toMatchObject({ status: 'stopped' });
  expect(stopped).not.toHaveProperty('nextRunAt');
  const resumed = await tend.json('loops', 'resume', 's');
  expect(resumed['status']).toBe('active');
  expect(Date.parse(String(resumed['nextRunAt']))).toBeGreaterThan(Date.now());
});

test('a loop that ran once is not resumed; one that was stopped before it ran is [loops 21]', async () => {
  const used = await tend.create('used', '--at', PAST);
  await loops('tick');
  const said = await loops('resume', used, '--json');
  expect(said).toMatchObject({ exit: 1, out: '' });
  expect(JSON.parse(said.err.split('\n')[1]!)).toMatchObject({ error: { code: 'CONFLICT' } });
  const fresh = await tend.create('fresh', '--at', '2031-01-01T00:00:00Z');
  await loops('stop', fresh);
  expect(await tend.json('loops', 'resume', fresh)).toMatchObject({ nextRunAt: '2031-01-01T00:00:00.000Z' });
});

test('an expired loop runs nothing at that instant, and goes on only with a new end [loops 22]', async () => {
  const id = await tend.create('e', '--every', '1m', '--expires-at', PAST);
  tend.setState(id, { nextRunAt: PAST });
  const tick = await tend.json<{ expired: { id: string }[]; completed: unknown[] }>('loops', 'tick');
  expect(tick).toMatchObject({ expired: [{ id, status: 'expired' }], completed: [] });
  expect(await runs('e')).toEqual([]);
  const refused = await loops('resume', 'e', '-j');
  expect(refused.exit).toBe(1);
  expect(refused.err).toContain('"code":"CONFLICT"');
  expect((await loops('resume', 'e')).err).toContain(`tend loops resume ${id} --expires-at`);
  const resumed = await tend.json('loops', 'resume', 'e', '--expires-at', '2031-01-01');
  expect(resumed).toMatchObject({ status: 'active', expiresAt: new Date(2031, 0, 1).toISOString() });
});

test('a loop is removed by its id and by its name, its runs stay, and an unknown one is not found [loops 23]', async () => {
  const id = await tend.create('gone', '--at', PAST);
  await loops('tick');
  await tend.create('other', '--dynamic');
  expect(await loops('remove', id)).toEqual({ exit: 0, out: 'removed\n', err: '' });
  expect(await tend.json('loops', 'rm', 'other')).toEqual({ removed: true });
  expect(loopIds(tend.disk)).toEqual([]);
  for (const word of [id, 'gone'])
    expect(await runs(word)).toMatchObject([{ id: expect.stringContaining(id), loopName: 'gone' }]);
  for (const verb of ['show', 'pause', 'resume', 'stop', 'remove', 'runs']) {
    const said = await loops(verb, 'never was', '--json');
    expect(said, verb).toMatchObject({ exit: 1, out: '' });
    expect(said.err, verb).toContain('loop not found');
    expect(JSON.parse(said.err.split('\n')[1]!), verb).toMatchObject({ error: { code: 'NOT_FOUND' } });
  }
});

test('of two loops of one name the newest is shown, and none is changed by that name [loops 25]', async () => {
  const [a, b] = [await tend.create('x', '--dynamic'), await tend.create('x', '--dynamic')];
  // Both were made within a millisecond, perhaps.
  editSpec(a, (spec) => ({ ...spec, createdAt: PAST }));
  expect(await tend.json('loops', 'show', 'x')).toMatchObject({ id: b });
  for (const verb of ['pause', 'resume', 'stop', 'remove', 'archive']) {
    const said = await loops(verb, 'x', '-j');
    expect(said, verb).toMatchObject({ exit: 1, out: '' });
    for (const part of ['"code":"AMBIGUOUS"', a, b]) expect(said.err, verb).toContain(part);
  }
  expect((await loops('pause', a)).out).toBe(`${a} paused\n`);
  expect(tend.loop(b).loopState.status).toBe('active');
});

test.each([
  ['../../etc/passwd'],
  ['a/b'],
  ['two\nlines\u2028three'],
  ['🌀 ü 漢字'],
  ['n'.repeat(300)],
  ['n'.repeat(1_000)],
  ['-x'],
  ['--json'],
  ['; rm -rf ~'],
  ['\u001b[2J'],
])('a loop of the name %j is stored, found, changed and removed, and no path comes of it [loops 26]', async (name) => {
  const made = await loops('create', 'command', '--cmd', 'true', '--dynamic', '--json', '--', name);
  const { id } = JSON.parse(made.out) as { id: string };
  expect(JSON.parse(made.out)).toMatchObject({ name });
  expect(JSON.parse((await loops('show', '--', name)).out)).toMatchObject({ id, name });
  expect((await loops('pause', '--', name)).out).toBe(`${id} paused\n`);
  const list = (await loops('list')).out;
  expect(list.split('\n'), 'one line, whatever the name').toHaveLength(2);
  expect(tend.disk.list('')).toEqual({ state: 'present', names: ['schedules'] });
  expect(tend.disk.list('schedules')).toEqual({ state: 'present', names: [id] });
  expect((await loops('remove', '--', name)).out).toBe('removed\n');
});

test('a word that looks like an id and is none is a name', async () => {
  const id = await tend.create('abcdefabcdef', '--dynamic');
  expect(await tend.json('loops', 'show', 'abcdefabcdef')).toMatchObject({ id });
});

test('an edited schedule is reckoned anew, an edited command is not; broken JSON is told and heals [loops 27]', async () => {
  const [edited, other] = [await tend.create('edited', '--cron', '@hourly'), await tend.create('other', '--dynamic')];
  const before = tend.loop(edited).loopState;
  editSpec(edited, (spec) => ({ ...spec, target: { type: 'command', command: 'false', shell: true } }));
  await loops('tick');
  expect(tend.loop(edited).loopState).toEqual(before);
  editSpec(edited, (spec) => ({ ...spec, schedule: { type: 'cron', expression: '0 0 1 1 *', timezone: 'UTC' } }));
  await loops('tick');
  expect(tend.loop(edited).loopState).toMatchObject({
    cause: 'edit',
    nextRunAt: `${new Date().getUTCFullYear() + 1}-01-01T00:00:00.000Z`,
  });
  const sound = readFileSync(specFile(edited), 'utf8');
  const texts = [
    '',
    '{',
    '[]',
    sound.slice(0, -20),
    sound.replace('0 0 1 1 *', '0 0 30 2 *'),
    sound.replace('"maxAttempts":1', '"maxAttempts":0'),
  ];
  for (const [n, broken] of texts.entries()) {
    writeFileSync(specFile(edited), broken);
    tend.setState(other, { nextRunAt: new Date(Date.parse(PAST) + n * 60_000).toISOString() });
    expect((await loops('tick')).out).toBe('completed=1 skipped=0 recovered=0\n');
    const list = await tend.json<{ id: string; status: string; error?: string }[]>('loops', 'list');
    expect(list.find(({ id }) => id === edited)).toMatchObject({
      status: 'invalid',
      error: expect.stringContaining('spec.json'),
    });
    expect(list.find(({ id }) => id === other)).toMatchObject({ status: 'active' });
    expect((await loops('list', '--status', 'invalid')).out).toMatch(new RegExp(`^${edited}  invalid  next=-  `));
    expect((await loops('pause', edited, '-j')).err).toContain('"code":"INVALID"');
    expect(readFileSync(specFile(edited), 'utf8'), 'it is left to its human').toBe(broken);
  }
  writeFileSync(specFile(edited), sound);
  expect(await tend.json('loops', 'show', 'edited')).toMatchObject({ id: edited, status: 'active' });
});

test('the list is ordered by status, then by what comes next; --status narrows it [loops 28]', async () => {
  const late = await tend.create('late', '--at', '2032-01-01T00:00:00Z');
  const early = await tend.create('early', '--at', '2031-01-01T00:00:00Z', '--machine', 'local');
  const [paused, stopped] = [
    await tend.create('paused', '--at', '2030-01-01T00:00:00Z'),
    await tend.create('done', '--dynamic'),
  ];
  await loops('pause', paused);
  await loops('stop', stopped);
  expect((await loops('ls')).out).toBe(
    [
      `${early}  active   next=2031-01-01T00:00:00.000Z  early  machine=local`,
      `${late}  active   next=2032-01-01T00:00:00.000Z  late`,
      `${paused}  paused   next=2030-01-01T00:00:00.000Z  paused`,
      `${stopped}  stopped  next=-  done`,
      '',
    ].join('\n'),
  );
  expect((await loops('list', '--status', 'stopped')).out).toBe(`${stopped}  stopped  next=-  done\n`);
  const json = await tend.json<{ id: string }[]>('loops', 'list', '--status', 'active');
  expect(json.map(({ id }) => id)).toEqual([early, late]);
  expect((await loops('list', '--status', 'asleep')).exit).toBe(1);
});

test('no loop is an empty list, and looking makes no data dir', async () => {
  expect(await loops('list')).toEqual({ exit: 0, out: '', err: '' });
  expect(await tend.json('loops', 'runs')).toEqual([]);
  expect(tend.disk.stat('')).toEqual({ state: 'absent' });
});

test('a renamed loop keeps its id and its next time; an archived one leaves the list, is stopped, and comes back', async () => {
  const id = await tend.create('old', '--every', '1h');
  const { nextRunAt } = tend.loop(id).loopState;
  expect(await tend.json('loops', 'rename', 'old', 'new name')).toMatchObject({ id, name: 'new name', nextRunAt });
  expect((await loops('show', 'old')).exit).toBe(1);
  expect((await loops('rename', id, ' ')).exit).toBe(1);
  expect((await loops('rename', id, 'n'.repeat(1_001))).err).toContain(
    'the new name has 1001 characters, 1000 at most',
  );
  const twin = await tend.create('twin', '--every', '1h');
  expect((await loops('rename', twin, 'new name')).err).toContain(`there is a loop "new name" already (${id})`);
  expect((await loops('pause', 'new name')).err).toMatch(/2 loops have this name.*\n {2}try: tend loops list/);
  expect(await loops('rename', twin, 'twin')).toMatchObject({ exit: 0, err: '' });
  await loops('remove', twin);
  expect((await loops('archive', 'new name')).out).toBe(`${id} stopped\n`);
  expect((await loops('list')).out).toBe('');
  expect((await loops('list', '--archived')).out).toContain(id);
  expect((await loops('resume', id)).err).toContain(`tend loops unarchive ${id}`);
  expect((await loops('unarchive', id)).out).toBe(`${id} stopped\n`);
  expect(await tend.json('loops', 'resume', id)).toMatchObject({ status: 'active', name: 'new name' });
});

test('a change that somebody else was before is decided anew: it takes effect after theirs, or is refused [loops 98]', async () => {
  let other: (() => void) | undefined;
  const meddled = makeLoopsCli({}, (disk) => ({
    ...disk,
    publish: (key, text, mode) => {
      const meddle = key.includes('/state/') ? other : undefined;
      other = undefined;
      meddle?.();
      return disk.publish(key, text, mode);
    },
  }));
  try {
    const id = await meddled.create('x', '--every', '1h');
    const pausedByOther = () => meddled.setState(id, { status: 'paused', cause: 'pause', by: 'other' });
    other = pausedByOther;
    const refused = await meddled.cli('loops', 'pause', id, '-j');
    expect(refused).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('"code":"CONFLICT"') });
    expect(meddled.loop(id).loopState).toMatchObject({ rev: 2, by: 'other' });
    await meddled.cli('loops', 'resume', id);
    other = pausedByOther;
    expect((await meddled.cli('loops', 'stop', id)).out).toBe(`${id} stopped\n`);
    expect(meddled.loop(id).loopState).toMatchObject({ rev: 5, status: 'stopped' });
  } finally {
    meddled.remove();
  }
});

test('only an active loop is paused, and a refusal changes nothing', async () => {
  const id = await tend.create('x', '--dynamic');
  await loops('pause', id);
  const { rev } = tend.loop(id).loopState;
  const again = await loops('pause', id, '--json');
  expect(again).toMatchObject({ exit: 1, out: '' });
  expect(again.err).toContain('"code":"CONFLICT"');
  expect(tend.loop(id).loopState.rev).toBe(rev);
});

test('a reminder beside the loops is none, and a loop is no reminder', async () => {
  const id = await tend.create('x', '--dynamic');
  tend.disk.publish(
    'schedules/abcdef123456.json',
    JSON.stringify({ format: 1, name: 'abcdef123456', every_s: 60, anchor_ts: 1 }),
  );
  expect(loopIds(tend.disk)).toEqual([id]);
  expect((await tend.cli('schedule', 'list')).out).not.toContain(id);
});

test.skipIf(process.getuid?.() === 0)(
  'a data dir that cannot be written: reading verbs work, changing ones end with IO [loops 106]',
  async () => {
    const id = await tend.create('x', '--dynamic');
    const dirs = [`schedules/${id}/state`, `schedules/${id}`, 'schedules'].map((key) => tend.disk.path(key));
    for (const dir of dirs) chmodSync(dir, 0o500);
    try {
      expect((await loops('list')).exit).toBe(0);
      expect((await loops('show', 'x')).exit).toBe(0);
      const said = await loops('pause', 'x', '--json');
      expect(said).toMatchObject({ exit: 1, out: '' });
      expect(said.err).toContain('"code":"IO"');
    } finally {
      for (const dir of dirs) chmodSync(dir, 0o700);
    }
    expect(readLoop(tend.disk, id)).toMatchObject({ loopState: { status: 'active' } });
  },
);
