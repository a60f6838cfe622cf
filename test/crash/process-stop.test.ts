import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type House, openHouse, signal, until } from '../e2e/house.js';

// A pulse that is stopped for longer than its lock is good for, and goes on beside its successor. Each test waits for that time,
// so they run side by side, each in a house of its own.

// Side by side on a loaded machine.
vi.setConfig({ testTimeout: 180_000 });

const allow = (house: House, ...shapes: string[]) =>
  house.write('config.json', JSON.stringify({ ...JSON.parse(house.text('config.json')), gate: { allow: shapes } }));

/** Stops the first pulse, has `up` start the second one past the stale time, and gives its pid. */
async function succeed(house: House, first: number): Promise<number> {
  process.kill(first, 'SIGSTOP');
  const up = await house.tend(['up', '--json']);
  expect(up).toMatchObject({ code: 0 });
  const { pid } = JSON.parse(up.stdout) as { pid: number };
  expect(pid).not.toBe(first);
  return pid;
}

/** The first goes on and ends by itself, which it explains in the log; the second is still the pulse. */
async function goOn(house: House, first: number, second: number): Promise<void> {
  const holder = house.text('pulse/holder.json');
  process.kill(first, 'SIGCONT');
  await until('the first ends', () => !house.inhabitants().includes(first));
  expect(house.text('pulse/pulse.log')).toContain('we hold epoch 1, and the newest is 2; another process took over');
  expect(house.text('pulse/holder.json')).toBe(holder);
  expect(await house.pulse()).toMatchObject({ alive: true, pid: second });
}

/** Every record with its bytes, apart from logs and what each look of the second may write. */
function records(house: House): Record<string, string> {
  const dirs = ['asks', 'answers', 'consumed', 'approvals', 'goals', 'intents', 'asks/archive', 'answers/archive'];
  const keys = dirs.flatMap((dir) =>
    readdirSync(join(house.root, dir), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${dir}/${entry.name}`),
  );
  return Object.fromEntries(keys.map((key) => [key, house.text(key)]));
}

test.concurrent('stopped in a decision while an approval waits: the second runs the command once, the first acts on nothing', async ({
  onTestFinished,
}) => {
  const house = openHouse();
  onTestFinished(() => house.close());
  await house.init();
  house.next({ action: 'run_shell', cmd: 'echo ran >> reports/ran' });
  const first = await house.up();
  onTestFinished(() => signal(first, 'SIGCONT'));
  await until('it is asked', async () => (await house.asks()).some((one) => one.id === 'gate-1'));
  house.next(`touch "$FAKE/deciding"; while [ ! -e "$FAKE/go" ]; do sleep 0.05; done
echo '{"action":"write_goal","id":"ghost","body":"said to the first"}'; touch "$FAKE/said"`);
  const asking = house.start(['ask', 'me', '--prompt', 'Does this wake it?']);
  await until('the first decides', () => readdirSync(house.fake).includes('deciding'));
  const calls = house.calls();
  process.kill(first, 'SIGSTOP');
  await house.must(['answer', 'gate-1', 'yes']);
  const second = await succeed(house, first);
  await until('the second has run it', () => house.text('reports/ran') !== '');
  await until('the second has told its decider', () => house.calls() > calls && house.lastPrompt().includes('gate-1'));
  await house.settled();
  await house.must(['answer', 'me-1', 'it does']);
  expect(await asking.ended).toMatchObject({ code: 0, stdout: 'it does\n' });
  await house.settled();
  // The decision of the first is complete before it goes on: all that it would have to do is to act.
  writeFileSync(join(house.fake, 'go'), '');
  await until('it was decided', () => readdirSync(house.fake).includes('said'));
  const [journal, before] = [house.journal(), records(house)];
  await goOn(house, first, second);
  expect(house.text('goals/ghost.md')).toBe('');
  expect(house.text('reports/ran')).toBe('ran\n');
  expect(journal.filter((line) => line.includes('echo ran'))).toHaveLength(1);
  expect(house.journal()).toEqual(journal);
  expect(records(house)).toEqual(before);
});

test.concurrent('stopped while its command runs: the second adopts the command and tells it once, the first adds nothing', async ({
  onTestFinished,
}) => {
  const house = openHouse();
  onTestFinished(() => house.close());
  await house.init();
  allow(house, 'bash slow.sh');
  house.write(
    'slow.sh',
    'echo begun >>reports/ran; while [ ! -e reports/go ]; do sleep 0.05; done; echo "the output"\n',
  );
  house.next({ action: 'run_shell', cmd: 'bash slow.sh' });
  const first = await house.up();
  onTestFinished(() => signal(first, 'SIGCONT'));
  await until('the command runs', () => house.text('reports/ran') !== '');
  const second = await succeed(house, first);
  house.write('reports/go', '');
  await until('the second tells its decider', () => house.lastPrompt().includes('the output'));
  await house.settled();
  await goOn(house, first, second);
  await house.settled();
  expect(house.text('reports/ran')).toBe('begun\n');
  expect(house.journal().filter((line) => line.includes('slow.sh'))).toHaveLength(1);
  const days = readdirSync(join(house.root, 'runs')).filter((name) => name.endsWith('.ndjson'));
  const rows = days.flatMap((day) =>
    readFileSync(join(house.root, 'runs', day), 'utf8')
      .trim()
      .split('\n'),
  );
  expect(rows.filter((row) => row.includes('"kind":"shell"'))).toHaveLength(1);
  expect(readdirSync(join(house.root, 'intents'))).toEqual([]);
});

test.concurrent('a decider that runs when its pulse is overtaken is ended with it', async ({ onTestFinished }) => {
  const house = openHouse();
  onTestFinished(() => house.close());
  await house.init();
  house.next('echo $$ >"$FAKE/decider"; while :; do sleep 0.05; done');
  const first = await house.up();
  onTestFinished(() => signal(first, 'SIGCONT'));
  const decider = await until('the first decides', () => {
    const text = readdirSync(house.fake).includes('decider') ? readFileSync(join(house.fake, 'decider'), 'utf8') : '';
    return text.endsWith('\n') && Number(text);
  });
  const second = await succeed(house, first);
  await goOn(house, first, second);
  expect(house.inhabitants()).not.toContain(decider);
});

test.concurrent('a command that stops its supervisor is still held to its deadline, and the loop goes on', async ({
  onTestFinished,
}) => {
  const house = openHouse({ env: { TEND_SHELL_TIMEOUT_SECS: '1' } });
  onTestFinished(() => house.close());
  await house.init();
  allow(house, 'bash stop.sh');
  house.write('stop.sh', 'echo $$ >>reports/pids; kill -STOP $PPID; while :; do sleep 1; done\n');
  house.next({ action: 'run_shell', cmd: 'bash stop.sh' });
  await house.up();
  const pid = await until('it runs', () => Number(house.text('reports/pids')));
  await until('it is ended at its deadline', () => house.journal().some((line) => line.includes('took more than 1 s')));
  expect(house.inhabitants()).not.toContain(pid);
  expect(house.text('reports/pids')).toBe(`${pid}\n`);
});

test.concurrent('a sensor that stops the pulse itself: the verbs say so, the mailbox works, and up puts another one in its place', async ({
  onTestFinished,
}) => {
  const house = openHouse();
  onTestFinished(() => house.close());
  await house.init();
  await house.must(['sensor', 'write', 'stopper', '-'], {
    input: '#!/bin/bash\n[ -e reports/done ] || { touch reports/done; kill -STOP $PPID; }\necho 1\n',
  });
  const pulse = house.start(['up', '--foreground']);
  await until(
    'it is stopped',
    () => house.text('pulse/holder.json') !== '' && /State:\tT/.test(statusOf(pulse.child.pid!)),
  );
  expect(await house.must(['status'])).toMatch(/does not answer/);
  await house.must(['answer', 'setup-1', 'go on']);
  const second = await house.up();
  expect(second).not.toBe(pulse.child.pid);
  await until('the second has decided', () => house.lastPrompt().includes('go on'));
  pulse.child.kill('SIGCONT');
  expect((await pulse.ended).code).toBe(1);
  expect(pulse.said().stdout + pulse.said().stderr).toContain('another process took over');
});

const statusOf = (pid: number): string => readFileSync(`/proc/${pid}/status`, 'utf8');
