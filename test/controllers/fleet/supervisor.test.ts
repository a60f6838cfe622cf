import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { now } from '../../../src/host/clock.js';
import { askWorker, stopLife } from '../../../src/host/worker-life.js';
import { plainScreen, type Screen } from '../../../src/lib/screen.js';
import { shellQuote } from '../../../src/lib/shell-quote.js';
import { lifeHandle } from '../../../src/store/fleet.js';
import { claimGeneration, promptKey, readWorker, unwantWorker } from '../../../src/store/workers.js';
import { ended, makeRig, marked, type Rig, supervisors } from './rig.js';

let rig: Rig;
afterEach(async () => rig?.close());

const ask = (id: string, request: Parameters<typeof askWorker>[1]) =>
  askWorker(lifeHandle(readWorker(rig.disk, id)!)!, request);

test('a worker starts on a real terminal, shows its screen, takes typed text, and its exit code is kept', async () => {
  rig = makeRig(`
    echo "size $(stty size) in $PWD"
    echo "I am $TEND_SESSION_ID of $TEND_GENERATION"
    cat "$1"
    read -r line
    echo "got <$line>"
    exit 7
  `);
  await rig.start({ id: 'api', prompt: 'say $HOME and `id`' });
  await rig.until('the prompt is on the screen', () => rig.transcript('api').includes('say $HOME and `id`'));
  const live = rig.status('api')!;
  expect(live.state).toBe('running');
  expect(await rig.view('api')).toMatchObject({ alive: true, health: 'busy', exit_code: null });
  expect(rig.transcript('api')).toContain(`size 24 80 in ${rig.dir}`);
  expect(rig.transcript('api')).toContain(`I am api of ${rig.generation('api')}`);
  const shot = (await ask('api', { op: 'screenshot' })) as unknown as { screen: Screen };
  expect(plainScreen(shot.screen, true)).toContain('You are api.');
  expect(await ask('api', { op: 'send', text: 'hello', enter: true })).toMatchObject({ sent: true });
  const status = await rig.until('the end', () => ended(rig, 'api'));
  expect(status).toMatchObject({ state: 'exited', exit_code: 7 });
  expect(rig.transcript('api')).toContain('got <hello>');
  expect(await rig.view('api')).toMatchObject({ alive: false, health: 'dead', exit_code: 7, state: 'exited' });
  // Its end is on record a moment before it gives the socket up.
  await rig.until('its socket is gone', () => !existsSync(live.socket));
  expect(rig.thrown).toEqual([]);
});

test('the last output of a worker that ends at once is kept to its last byte', async () => {
  rig = makeRig(`head -c 300000 /dev/zero | tr '\\0' x; echo end`);
  const ids = ['a', 'b', 'c', 'd'];
  for (const id of ids) await rig.start({ id });
  for (const id of ids) {
    await rig.until(`${id} has ended`, () => ended(rig, id));
    expect({ id, bytes: rig.transcript(id).length, end: rig.transcript(id).slice(-5) }).toEqual({
      id,
      bytes: 300_000 + 'end\r\n'.length,
      end: 'end\r\n',
    });
  }
});

test('a stopped worker is gone to the last process, even one that ignores every signal and left its session', async () => {
  rig = makeRig(`
    trap '' TERM HUP INT
    setsid bash -c 'trap "" TERM HUP; echo grandchild; while :; do sleep 1; done' &
    ( ( setsid sleep 1000 & ) & )
    echo ready
    while :; do sleep 1; done
  `);
  await rig.start({ id: 'stubborn' });
  await rig.until('ready', () => rig.transcript('stubborn').includes('grandchild'));
  expect(marked(rig, 'stubborn').length).toBeGreaterThan(2);
  unwantWorker(rig.disk, readWorker(rig.disk, 'stubborn')!);
  expect(await rig.until('the end', () => ended(rig, 'stubborn'))).toMatchObject({ state: 'killed', exit_code: null });
  expect(marked(rig, 'stubborn')).toEqual([]);
  await rig.until('no supervisor', () => supervisors(rig, 'stubborn').length === 0);
});

test('a worker whose CLI wants INT first is stopped by that', async () => {
  rig = makeRig('');
  const program = `${dirname(rig.dir)}/codex`;
  const traps = ['INT', 'TERM']
    .map((name) => `trap 'echo ${name} >>"$TEND_DATA_DIR/signals"; exit 3' ${name}`)
    .join('\n');
  writeFileSync(program, `#!/bin/bash\n${traps}\necho ready\nwhile :; do sleep 1; done\n`, { mode: 0o755 });
  await rig.start({ id: 'polite', command: `${shellQuote(program)} {{prompt_file}}` });
  await rig.until('ready', () => rig.transcript('polite').includes('ready'));
  unwantWorker(rig.disk, readWorker(rig.disk, 'polite')!);
  expect(await rig.until('the end', () => ended(rig, 'polite'))).toMatchObject({ state: 'killed' });
  expect(readFileSync(`${rig.dir}/signals`, 'utf8')).toBe('INT\n');
});

test('what a worker leaves behind at its own exit goes with it', async () => {
  rig = makeRig(`setsid sleep 1000 & sleep 0.3; exit 0`);
  await rig.start({ id: 'messy' });
  expect(await rig.until('the end', () => ended(rig, 'messy'))).toMatchObject({ state: 'exited', exit_code: 0 });
  expect(marked(rig, 'messy')).toEqual([]);
});

test('a worker whose supervisor was killed is reported dead at once, its record mended, and it is not restarted', async () => {
  rig = makeRig(`echo up; sleep 1000`, { pulse: false });
  rig.beginPulse();
  await rig.start({ id: 'lost' });
  await rig.until('up', () => rig.transcript('lost').includes('up'));
  const { generation, socket } = rig.status('lost')!;
  await rig.endPulse();
  for (const pid of supervisors(rig, 'lost')) process.kill(pid, 'SIGKILL');
  await rig.until('dead', async () => (await rig.view('lost'))?.alive === false);
  expect(await rig.view('lost')).toMatchObject({ alive: false, health: 'dead', state: 'failed' });
  expect(rig.status('lost')!.state).toBe('running');
  rig.beginPulse();
  expect(await rig.until('mended', () => ended(rig, 'lost'))).toMatchObject({ state: 'failed', generation });
  expect(rig.status('lost')!.message).toContain('supervisor died');
  expect(existsSync(socket)).toBe(false);
  expect(marked(rig, 'lost')).toEqual([]);
  expect(supervisors(rig, 'lost')).toEqual([]);
});

test('workers outlive the pulse, and a new pulse finds them alive', async () => {
  rig = makeRig(`echo up; read -r; echo bye`);
  await rig.start({ id: 'old' });
  await rig.until('up', () => rig.transcript('old').includes('up'));
  const pid = rig.status('old')!.supervisor_pid;
  await rig.endPulse();
  expect((await rig.view('old'))?.alive).toBe(true);
  rig.beginPulse();
  await ask('old', { op: 'send', text: '', enter: true });
  expect(await rig.until('the end', () => ended(rig, 'old'))).toMatchObject({ state: 'exited', supervisor_pid: pid });
});

test('a stopped supervisor counts as alive, and its worker can still be killed', async () => {
  rig = makeRig(`echo up; sleep 1000`);
  await rig.start({ id: 'frozen' });
  await rig.until('up', () => rig.transcript('frozen').includes('up'));
  for (const pid of supervisors(rig, 'frozen')) process.kill(pid, 'SIGSTOP');
  expect(await rig.view('frozen')).toMatchObject({ alive: true, state: 'running' });
  const record = readWorker(rig.disk, 'frozen')!;
  expect(await stopLife(lifeHandle(record), record.spec!.generation)).toEqual({ survivors: [], reported: true });
  expect(rig.status('frozen')).toMatchObject({ state: 'killed' });
});

test('a process that got the old pid does not make a dead worker alive', async () => {
  rig = makeRig(`echo up; sleep 1000`, { pulse: false });
  rig.beginPulse();
  await rig.start({ id: 'ghost' });
  await rig.until('up', () => rig.transcript('ghost').includes('up'));
  await rig.endPulse();
  for (const pid of supervisors(rig, 'ghost')) process.kill(pid, 'SIGKILL');
  await rig.until('dead', async () => (await rig.view('ghost'))?.alive === false);
  const record = readWorker(rig.disk, 'ghost')!;
  // The same pids as ours, which surely live.
  rig.disk.replace(
    'workers/ghost/status.json',
    JSON.stringify({ ...record.status, supervisor_pid: process.pid, child_pid: process.pid }),
  );
  expect(await rig.view('ghost')).toMatchObject({ alive: false });
});

test('endless output costs two transcripts at most and the worker can still be stopped', async () => {
  rig = makeRig(`exec yes "a long line of output that never ends"`, { env: { TEND_TRANSCRIPT_MAX_BYTES: '65536' } });
  await rig.start({ id: 'loud' });
  await rig.until('rotation', () => existsSync(`${rig.dir}/workers/loud/transcript.log.1`));
  unwantWorker(rig.disk, readWorker(rig.disk, 'loud')!);
  expect(await rig.until('the end', () => ended(rig, 'loud'))).toMatchObject({ state: 'killed' });
  const bytes = ['transcript.log', 'transcript.log.1'].map((name) => {
    const stat = rig.disk.stat(`workers/loud/${name}`);
    return stat.state === 'present' ? stat.bytes : 0;
  });
  expect(Math.max(...bytes)).toBeLessThan(65_536 + 65_536 + 4096);
  expect(rig.transcript('loud')).toContain('the transcript was rotated here');
});

test('only one supervisor runs a generation: a second that comes later ends without a trace', async () => {
  rig = makeRig(`echo once >> "$TEND_DATA_DIR/count"; sleep 1000`, { pulse: false });
  await rig.start({ id: 'single' });
  const generation = rig.generation('single');
  expect(
    claimGeneration(rig.disk, 'single', { generation, socket: '/nowhere', nonce: 'x', supervisor_pid: 1, ts: 0 }),
  ).toBe(true);
  rig.beginPulse();
  // The claim of a supervisor that is dead: never run, recorded as failed.
  expect(await rig.until('the end', () => ended(rig, 'single'))).toMatchObject({ state: 'failed' });
  expect(existsSync(`${rig.dir}/count`)).toBe(false);
});

test('a worker command without its placeholder is refused by the supervisor, with the reason', async () => {
  rig = makeRig('echo', { pulse: false });
  await rig.start({ id: 'blind', command: 'cat {{prompt_file}}' });
  const record = readWorker(rig.disk, 'blind')!;
  rig.disk.replace('workers/blind/spec.json', JSON.stringify({ ...record.spec, command: 'cat' }));
  rig.beginPulse();
  const status = await rig.until('the end', () => ended(rig, 'blind'));
  expect(status.state).toBe('failed');
  expect(status.message).toContain('{{prompt_file}}');
});

test('a worker of its own command gets the model it was started with; its prompt bears contract and brief', async () => {
  rig = makeRig('echo');
  await rig.start({ id: 'own', command: 'echo model {{model}} && cat {{prompt_file}}', model: 'big one' });
  await rig.until('the end', () => ended(rig, 'own'));
  expect(rig.transcript('own')).toContain('model big one');
  expect(rig.disk.read(promptKey('own', rig.generation('own')))).toMatchObject({ text: 'You are own.\n\ndo it\n' });
});

test('verify runs once after the exit and its verdict is kept, whatever the exit code said', async () => {
  rig = makeRig('exit 0');
  await rig.start({ id: 'judged', verify: 'echo ran >> verified; echo to-out; echo to-err >&2; test -e result' });
  const verdict = await rig.until('a verdict', () => readWorker(rig.disk, 'judged')?.verdict);
  expect(verdict).toMatchObject({ ok: false, exit_code: 1, output: 'to-out\nto-err\n' });
  expect((await rig.view('judged'))?.verify).toBe('fail');
  await rig.endPulse();
  rig.beginPulse();
  await rig.start({ id: 'second' });
  await rig.until('another end', () => ended(rig, 'second'));
  expect(rig.disk.read('verified')).toMatchObject({ text: 'ran\n' });
});

test('an id can be used again after its worker ended, and nothing of the first is taken for the second', async () => {
  rig = makeRig('echo "run of $TEND_GENERATION"; exit 3');
  await rig.start({ id: 'again', verify: 'false' });
  const first = await rig.until('a verdict', () => readWorker(rig.disk, 'again')?.verdict);
  await rig.start({ id: 'again' });
  const second = rig.generation('again');
  expect(second).not.toBe(first.generation);
  await rig.until('the second end', () =>
    rig.status('again')?.generation === second ? ended(rig, 'again') : undefined,
  );
  expect(rig.transcript('again')).toBe(`run of ${second}\r\n`);
  expect((await rig.view('again'))?.verify).toBeNull();
});

test('a finished worker is removed after its retention, and its directory with it', async () => {
  rig = makeRig('exit 0', { env: { TEND_SESSION_TTL: '1' } });
  await rig.start({ id: 'brief' });
  await rig.until('gone', () => rig.disk.stat('workers/brief').state === 'absent');
  expect(rig.thrown).toEqual([]);
});

test('a request to type that waited while the supervisor was stopped is dropped when its sender has given up', async () => {
  rig = makeRig('read -r line; echo "got <$line>"; sleep 1000');
  await rig.start({ id: 'late' });
  await rig.until('running', () => rig.status('late')?.state === 'running');
  expect(await ask('late', { op: 'send', text: 'stale', until: now() - 1 })).toMatchObject({
    error: 'it came too late',
  });
  await ask('late', { op: 'send', text: 'fresh', until: now() + 60_000 });
  await rig.until('typed', () => rig.transcript('late').includes('got <fresh>'));
});

test('a full disk neither stops a worker nor loses its end, and the trouble is said', async (context) => {
  rig = makeRig(`head -c 200000 /dev/zero | tr '\\0' z; read -r; exit 5`, { pulse: false });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', rig.dir], { stdio: 'ignore' });
  } catch {
    return context.skip('a small tmpfs cannot be mounted here: a full disk is not tested');
  }
  try {
    writeFileSync(`${rig.dir}/config.json`, '{}');
    await rig.start({ id: 'full', command: 'bash ../worker.sh {{prompt_file}}' });
    writeFileSync(`${rig.dir}/filler`, 'x'.repeat(200_000));
    rig.beginPulse();
    const message = await rig.until('trouble', async () => {
      const answer = lifeHandle(readWorker(rig.disk, 'full')!) && (await ask('full', { op: 'status' }));
      const status = typeof answer === 'object' ? (answer['status'] as { message?: string }) : undefined;
      return status?.message;
    });
    expect(message).toContain('the transcript cannot be written');
    expect((await rig.view('full'))?.alive).toBe(true);
    // Its end comes while there is no room at all; it is recorded as soon as there is some.
    await ask('full', { op: 'send', text: '', enter: true });
    await rig.until('the process is gone', () => marked(rig, 'full').length === 0);
    expect(ended(rig, 'full')).toBeUndefined();
    rmSync(`${rig.dir}/filler`);
    expect(await rig.until('the end', () => ended(rig, 'full'))).toMatchObject({
      state: 'exited',
      exit_code: 5,
      message: expect.stringContaining('the transcript has gaps'),
    });
  } finally {
    await rig.endPulse();
    for (const pid of [...marked(rig, 'full'), ...supervisors(rig, 'full')]) process.kill(pid, 'SIGKILL');
    await rig.until('nobody is inside', () => supervisors(rig, 'full').length === 0);
    execFileSync('umount', ['-l', rig.dir]);
  }
});
