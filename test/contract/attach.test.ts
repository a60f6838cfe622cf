import { spawn } from '@lydell/node-pty';
import { afterEach, expect, test } from 'vitest';
import { sleep } from '../../src/host/clock.js';
import { makeRig, PROGRAM, type Rig } from '../controllers/fleet/rig.js';

let rig: Rig;
afterEach(async () => rig?.close());

/** `tend …` inside bash on a terminal of its own; after it bash says how the terminal was left. */
function onTerminal(args: string, size = { cols: 100, rows: 30 }) {
  const line = `before=$(stty -g); ${JSON.stringify(rig.bin)} ${args}; echo "code $?"; [ "$before" = "$(stty -g)" ] && echo SAME; echo over`;
  let seen = '';
  let over = false;
  const child = spawn('bash', ['-c', line], { ...size, cwd: rig.dir, env: rig.env as Record<string, string> });
  child.onData((data) => {
    seen += data;
  });
  child.onExit(() => {
    over = true;
  });
  return {
    write: (text: string) => child.write(text),
    resize: child.resize.bind(child),
    seen: () => seen,
    over: () => over,
  };
}

test('attach shows the screen, passes keys and size, leaves with Ctrl-], and the terminal is as before', async () => {
  rig = makeRig(
    'trap "echo interrupted" INT; echo "hello there"; while :; do while read -r line; do echo "got <$line> at $(stty size)"; done; done',
  );
  await rig.start({ id: 'api' });
  await rig.until('hello', () => rig.transcript('api').includes('hello there'));
  const person = onTerminal('attach api');
  await rig.until('the screen', () => person.seen().includes('hello there'));
  person.write('abc\r');
  await rig.until('the echo', () => person.seen().includes('got <abc> at 30 100'));
  await rig.until('the record of the size', () => rig.transcript('api').includes('\u001b]7717;100x30;80x24\u001b\\'));
  person.resize(90, 20);
  await rig.until(
    'the size reached the worker',
    () => rig.status('api') && person.write('size\r') === undefined && person.seen().includes('got <size> at 20 90'),
  );
  person.write('d\u0003');
  // Typed again until it is seen: one that comes while the script runs stty is the child's, and its shell need not notice.
  await rig.until(
    'Ctrl-C reached the worker',
    () => person.seen().includes('interrupted') || (person.write('\u0003') === undefined && false),
  );
  person.write('\u001d');
  await rig.until('the end', () => person.over());
  expect(person.seen()).toContain('detached from api, it runs on');
  expect((await rig.view('api'))?.alive).toBe(true);
  expect(person.seen()).toMatch(/code 0\r\nSAME\r\nover/);
  expect(person.seen().lastIndexOf('\u001b[?1049l')).toBeGreaterThan(person.seen().lastIndexOf('\u001b[?1049h'));
  expect(person.seen().lastIndexOf('\u001b[?25h')).toBeGreaterThan(person.seen().lastIndexOf('\u001b[?25l'));
});

test('attach ends by itself when the worker ends, and says how', async () => {
  rig = makeRig('echo ready; read -r; exit 4');
  await rig.start({ id: 'api' });
  await rig.until('ready', () => rig.transcript('api').includes('ready'));
  const person = onTerminal('attach api');
  await rig.until('the screen', () => person.seen().includes('ready'));
  person.write('\r');
  await rig.until('the end', () => person.over());
  expect(person.seen()).toContain('api has exited with 4');
  expect(person.seen()).toContain('SAME');
});

test('a person who is killed while attached leaves the worker alone', async () => {
  rig = makeRig('echo ready; sleep 1000');
  await rig.start({ id: 'api' });
  await rig.until('ready', () => rig.transcript('api').includes('ready'));
  const child = spawn(PROGRAM[0], [...PROGRAM.slice(1), 'attach', 'api'], {
    cwd: rig.dir,
    env: rig.env as Record<string, string>,
  });
  let seen = '';
  child.onData((data) => {
    seen += data;
  });
  await rig.until('the screen', () => seen.includes('ready'));
  process.kill(child.pid, 'SIGKILL');
  await sleep(200);
  expect((await rig.view('api'))?.alive).toBe(true);
});

test('attach needs a terminal', async () => {
  rig = makeRig('sleep 1000');
  await rig.start({ id: 'api' });
  await rig.until('running', () => rig.status('api')?.state === 'running');
  const person = onTerminal('attach api < /dev/null');
  await rig.until('the end', () => person.over());
  expect(person.seen()).toContain('stdin and stdout must be a terminal');
  expect(person.seen()).toContain('code 1');
});
