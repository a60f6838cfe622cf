import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type House, openHouse, signal, until } from './house.js';

// What may happen to a machine while the loop runs: kills, stops, full and read-only disks. Nothing is lost, nothing repeats.
let house: House;
let mounted: string | undefined;
beforeEach(() => {
  house = openHouse();
});
afterEach(async () => {
  if (mounted) {
    await house.tend(['down', '--timeout', '5']);
    for (const pid of house.inhabitants()) signal(pid, 'SIGKILL');
    await until('nobody is inside', () => house.inhabitants().length === 0);
    execFileSync('umount', ['-l', mounted]);
    mounted = undefined;
  }
  await house.close();
});

const lastPrompt = () => house.lastPrompt();
const configure = (more: object) =>
  writeFileSync(
    join(house.root, 'config.json'),
    JSON.stringify({ ...(JSON.parse(house.text('config.json')) as object), ...more }),
  );

test('a pulse killed in the middle of a command: the command ends, ran once, is adopted and journaled once', async () => {
  await house.init();
  configure({ gate: { allow: ['bash slow.sh'] } });
  house.write(
    'slow.sh',
    'echo begun >>reports/ran\nwhile [ ! -e reports/go ]; do sleep 0.05; done\necho "the output"\n',
  );
  house.next({ action: 'run_shell', cmd: 'bash slow.sh' });
  const pid = await house.up();
  await until('the command runs', () => house.text('reports/ran') !== '');
  await house.kill(pid);
  house.write('reports/go', '');
  expect(await house.up()).not.toBe(pid);
  await until('the decider reads the output', () => lastPrompt().includes('the output'));
  await house.settled();
  expect(house.text('reports/ran')).toBe('begun\n');
  expect(house.journal().filter((line) => line.includes('slow.sh'))).toHaveLength(1);
  expect(readdirSync(join(house.root, 'intents')).filter((name) => name.endsWith('.json'))).toEqual([]);
});

test('a pulse killed in the middle of a decision: what it would have said is never acted on, the next life decides anew', async () => {
  await house.init();
  house.next(`touch "$FAKE/deciding"; while [ ! -e "$FAKE/go" ]; do sleep 0.05; done
echo '{"action":"write_goal","id":"ghost","body":"said to nobody"}' | tee "$TEND_DECISION_FILE"; touch "$FAKE/said"`);
  const pid = await house.up();
  await until('it decides', () => readdirSync(house.fake).includes('deciding'));
  await house.kill(pid);
  house.next({ action: 'write_goal', id: 'anew', body: 'decided by the second life' });
  await house.up();
  writeFileSync(join(house.fake, 'go'), '');
  await until('the second life decides', () => house.text('goals/anew.md').includes('second life'));
  await house.settled();
  expect(house.text('goals/ghost.md')).toBe('');
  expect(house.journal()).toHaveLength(house.calls() - 1);
});

test('an ask outlives the pulse that was killed, and an answer given while none runs is delivered', async () => {
  await house.init();
  const pid = await house.up();
  const asking = house.start(['ask', 'me', '--prompt', 'Still there?']);
  await until('it is asked', async () => (await house.asks()).some((one) => one.id === 'me-1'));
  await house.kill(pid);
  expect((await house.asks()).map((one) => one.id)).toContain('me-1');
  await house.must(['answer', 'me-1', 'still here']);
  expect(await asking.ended).toMatchObject({ code: 0, stdout: 'still here\n' });
  await house.must(['answer', 'setup-1', 'tend the garden']);
  await house.up();
  await until('the next life reads its answer', () => lastPrompt().includes('tend the garden'));
});

test('a pulse that is stopped does not keep down from ending it', async () => {
  await house.init();
  process.kill(await house.up(), 'SIGSTOP');
  const { code, stdout } = await house.tend(['down', '--timeout', '1']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('pulse stopped (killed')]);
  expect(house.inhabitants()).toEqual([]);
});

test('a full disk: the pulse lives on, says so, repeats no command, and goes on when there is room', async (context) => {
  const dir = house.root;
  execFileSync('mkdir', [dir]);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    return context.skip('a small tmpfs cannot be mounted here: a full disk is not tested');
  }
  mounted = dir;
  await house.init();
  configure({ gate: { allow: ['bash ../count.sh'] } });
  writeFileSync(join(house.base, 'count.sh'), 'echo ran >>../ran; head -c 2000000 /dev/zero >filler 2>/dev/null\n');
  house.next({ action: 'run_shell', cmd: 'bash ../count.sh' });
  await house.up();
  await until('the disk is full', () => readdirSync(dir).includes('filler') && !hasRoom(dir));
  writeFileSync(join(house.base, 'goal.md'), 'Look again.\n');
  for (let n = 0; n < 3; n++) {
    const before = await pulseDue();
    await until('it looks again', async () => (await pulseDue()) !== before);
  }
  expect(await house.pulse()).toMatchObject({ alive: true });
  expect(readFileSync(join(house.base, 'ran'), 'utf8')).toBe('ran\n');
  const full = await house.tend(['goal', 'write', 'g', 'x'.repeat(40_000)]);
  expect(full).toMatchObject({ code: expect.toSatisfy((code: number) => code === 1 || code === 3), stdout: '' });
  expect(full.stderr).toMatch(/ENOSPC|no space|full/i);
  execFileSync('rm', [join(dir, 'filler')]);
  house.next({ action: 'write_goal', id: 'after', body: 'There is room again.' });
  await until('it goes on', () => {
    house.write('goals/goad.md', `${Date.now()}\n`);
    return house.text('goals/after.md').includes('There is room again.');
  });
  expect(readFileSync(join(house.base, 'ran'), 'utf8')).toBe('ran\n');
});

test('a read-only data dir: the pulse and the verbs say so and end or wait, nothing runs, nothing crashes', async (context) => {
  const dir = house.root;
  execFileSync('mkdir', [dir]);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    return context.skip('a tmpfs cannot be mounted here: a read-only data dir is not tested');
  }
  mounted = dir;
  await house.init();
  configure({ gate: { allow: ['bash ../count.sh'] } });
  writeFileSync(join(house.base, 'count.sh'), 'echo ran >>../ran\n');
  // In the foreground: the log of a detached pulse is a file that is open for writing, and the mount could not be changed.
  const pulse = house.start(['up', '--foreground']);
  await until('it lives', async () => (await house.pulse()).alive);
  await house.settled();
  house.write('goals/change.md', 'x\n');
  await until('it has decided on it', () => lastPrompt().includes('goal:change'));
  await house.settled();
  house.next({ action: 'run_shell', cmd: 'bash ../count.sh' });
  house.write('goals/change.md', 'y\n');
  execFileSync('mount', ['-o', 'remount,ro', dir]);
  await until('it says why it does nothing', async () => /EROFS|read-only/i.test(await house.must(['status'])));
  expect(await house.pulse()).toMatchObject({ alive: true });
  const verb = await house.tend(['answer', 'setup-1', 'hello']);
  expect(verb).toMatchObject({ stdout: '' });
  expect([1, 3]).toContain(verb.code);
  expect(verb.stderr).toMatch(/EROFS|read-only/i);
  expect((await house.tend(['state'])).code).toBe(0);
  expect((await house.tend(['asks'])).code).toBe(0);
  execFileSync('mount', ['-o', 'remount,rw', dir]);
  expect(existsFile(join(house.base, 'ran'))).toBe(false);
  await until('it runs when it may write', () => existsFile(join(house.base, 'ran')));
  await house.settled();
  expect(readFileSync(join(house.base, 'ran'), 'utf8')).toBe('ran\n');
  pulse.child.kill('SIGTERM');
  expect((await pulse.ended).code).toBe(0);
});

test('records of an older version with fields that we do not know are read, and the fields stay', async () => {
  await house.init();
  const config = JSON.parse(house.text('config.json')) as object;
  house.write('config.json', JSON.stringify({ ...config, colour: 'blue', nested: { deep: [1] } }));
  house.write(
    'asks/old-1.md',
    '---\nformat: 1\nid: old-1\nworker: old\nkind: question\nurgency: normal\nts: 1700000000\nshade: dark\n---\nStill there?\n',
  );
  expect((await house.asks()).map((one) => one.id).sort()).toEqual(['old-1', 'setup-1']);
  await house.init();
  expect(JSON.parse(house.text('config.json'))).toMatchObject({ colour: 'blue', nested: { deep: [1] } });
  await house.must(['answer', 'old-1', 'yes']);
  await house.must(['ask', 'reassign', 'old-1', 'new']).catch(() => undefined);
  expect(house.text('asks/old-1.md') + house.text('asks/archive/old-1.md')).toContain('shade: dark');
  house.write('asks/future-1.md', '---\nformat: 99\nid: future-1\n---\nFrom tomorrow\n');
  const future = await house.tend(['asks', '--json']);
  expect(future.code).toBe(0);
  expect(future.stderr).toMatch(/future-1/);
  expect(house.text('asks/future-1.md')).toContain('From tomorrow');
});

async function pulseDue(): Promise<number | null | undefined> {
  const { controllers } = await house.json<{
    controllers: { controller: string; next_ts: number | null; fails: number }[];
  }>(['status', '--json']);
  const pulse = controllers.find((one) => one.controller === 'pulse');
  return pulse && (pulse.next_ts ?? 0) + pulse.fails / 1000;
}

function hasRoom(dir: string): boolean {
  try {
    writeFileSync(join(dir, 'probe'), 'x'.repeat(20_000));
    return readFileSync(join(dir, 'probe')).length === 20_000;
  } catch {
    return false;
  } finally {
    execFileSync('rm', ['-f', join(dir, 'probe')]);
  }
}

function existsFile(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
