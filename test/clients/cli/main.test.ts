import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { makeHome, PROGRAM, runIn } from './tend-process.js';

const home = makeHome();
afterAll(home.remove);
const tend = (...argv: string[]) => runIn(home, [...PROGRAM, ...argv]);

test('the version is that of the package', async () => {
  expect(await tend('version')).toEqual({ stdout: `tend ${packageJson.version}\n`, stderr: '', code: 0 });
});

test('bare tend, its help and a mistake leave no trace on the disk', async () => {
  expect((await tend()).code).toBe(0);
  const manual = await tend('--help');
  expect(manual).toMatchObject({ code: 0, stderr: '' });
  expect(manual.stdout).toContain(home.data);
  expect(manual.stdout).not.toContain('\u001b');
  expect((await tend('completion', 'csh')).code).toBe(2);
  expect(existsSync(home.data)).toBe(false);
});

test('help works where no home is known, a verb says what to set', async () => {
  const env = { HOME: 'relative', TEND_DATA_DIR: '' };
  expect((await runIn(home, [...PROGRAM, 'help'], '', env)).code).toBe(0);
  const verb = await runIn(home, [...PROGRAM, '__complete', 'goals'], '', env);
  expect(verb).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('export TEND_DATA_DIR=') });
});

test('a reader that is gone ends tend quietly', async () => {
  // `true` is gone long before tend has started, so the write meets a broken pipe.
  const broken = await runIn(home, ['bash', '-c', 'tend man | true; echo "rc $PIPESTATUS"']);
  expect(broken).toEqual({ stdout: 'rc 0\n', stderr: '', code: 0 });
});

test('a long answer reaches a slow pipe whole', async () => {
  const all = await tend('man');
  const slow = await runIn(home, ['bash', '-c', 'tend man | (sleep 0.5; cat)']);
  expect(slow.stdout).toBe(all.stdout);
});

test('a full disk under stdout is an error of the machine', async () => {
  const full = await runIn(home, ['bash', '-c', 'tend version > /dev/full']);
  expect(full).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^tend: Cannot write the answer to stdout: .*ENOSPC/),
  });
});

test('closed standard descriptors do no harm', async () => {
  expect((await runIn(home, ['bash', '-c', 'tend version <&- 2>&-'])).stdout).toBe(`tend ${packageJson.version}\n`);
});

test('live ids come from the data dir', async () => {
  for (const [dir, name] of [
    ['goals', 'docs.md'],
    ['goals', 'api.md'],
    ['goals', 'note.txt'],
    ['asks', 'api-1.md'],
    ['asks', 'api-2.md'],
    ['answers', 'api-1.md'],
    ['sensors', 'git.sh'],
    ['workers/api', 'spec.json'],
    ['leases', 'repo.json'],
    ['schedules', 'daily.json'],
  ]) {
    mkdirSync(join(home.data, dir!), { recursive: true });
    writeFileSync(join(home.data, dir!, name!), 'garbage');
  }
  const ids = async (kind: string) => (await tend('_', '__complete', kind)).stdout;
  expect(await ids('goals')).toBe('api\ndocs\n');
  expect(await ids('asks')).toBe('api-2\n');
  expect(await ids('sensors')).toBe('git\n');
  expect(await ids('workers')).toBe('api\n');
  expect(await ids('leases')).toBe('repo\n');
  expect(await ids('schedules')).toBe('daily\n');
  expect(await ids('policy-files')).toBe('goals/api.md\ngoals/docs.md\nsensors/git.sh\n');
});

test('Ctrl-C and TERM end a verb that waits for stdin with 130', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = spawn(PROGRAM[0]!, [...PROGRAM.slice(1), 'answer', 'api-2'], { env: home.env, cwd: home.dir });
    const ended = new Promise((resolve) => child.on('close', (code) => resolve(code)));
    while (!watchesStdin(child.pid!)) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    expect(await ended).toBe(130);
  }
});

/** True once the process waits for its descriptor 0: the kernel lists what an epoll descriptor watches. */
function watchesStdin(pid: number): boolean {
  return readdirSync(`/proc/${pid}/fdinfo`).some((fd) => {
    try {
      return /^tfd:\s+0 /m.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'));
    } catch {
      return false;
    }
  });
}
