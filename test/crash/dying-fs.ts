/**
 * Loaded before the built program (`NODE_OPTIONS=--require`), where it stands between the program and the file system: it names every
 * durable step on the data dir, and ends its own process by SIGKILL right after a chosen one. No hook in the product: this is
 * what `strace -e inject` would do. What the kernel keeps of a killed process is exactly what was done before; fsync adds nothing
 * to that, so it is no point. Besides files there is one effect a step can have: a child, so `spawn` is a point before and after.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { CrashPlan } from './crash-plan.js';

const real = { ...fs };

const plan = JSON.parse(process.env['CRASH_PLAN'] ?? 'null') as CrashPlan | null;
if (plan?.programs.some((program) => process.argv.slice(2).join(' ').startsWith(program))) arm(plan);

function arm({ root, trace, die }: CrashPlan): void {
  const log = real.openSync(trace, real.constants.O_WRONLY | real.constants.O_CREAT | real.constants.O_APPEND, 0o600);
  const paths = new Map<number, string>();
  const seen = new Map<string, number>();
  const inside = (path: unknown): path is string => typeof path === 'string' && `${path}/`.startsWith(`${root}/`);
  const key = (path: string): string => nameOf(path.slice(root.length + 1));

  /** One durable step is done: its name goes into the trace, and here may be the end of this process. */
  const point = (name: string): void => {
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    real.writeSync(log, `${name}\n`);
    if (die?.name === name && die.nth === nth && isFirst()) process.kill(process.pid, 'SIGKILL');
  };
  /** One death to a plan: who is started again in place of the dead one lives. */
  const isFirst = (): boolean => {
    try {
      real.closeSync(real.openSync(`${trace}.died`, 'wx'));
      return true;
    } catch {
      return false;
    }
  };
  const isNext = (name: string): boolean =>
    die?.name === name && die.nth === (seen.get(name) ?? 0) + 1 && !real.existsSync(`${trace}.died`);

  /** Wraps a call whose first argument is a path; `name` undefined: it changed nothing. */
  const step = <F extends (...args: never[]) => unknown>(
    call: F,
    describe: (args: Parameters<F>, result: ReturnType<F>, before: boolean) => string | undefined,
  ): F =>
    ((...args: Parameters<F>) => {
      const before = inside(args[0]) && real.lstatSync(args[0], { throwIfNoEntry: false }) !== undefined;
      const result = call(...args) as ReturnType<F>;
      const name = inside(args[0]) || inside(args[1]) ? describe(args, result, before) : undefined;
      if (name !== undefined) point(name);
      return result;
    }) as unknown as F;

  fs.openSync = step(real.openSync, ([path], fd, before) => {
    paths.set(fd, String(path));
    return before ? undefined : `create ${key(String(path))}`;
  });
  fs.closeSync = (fd) => {
    paths.delete(fd);
    real.closeSync(fd);
  };
  fs.writeSync = ((fd: number, data: string | Uint8Array, ...rest: [number?, number?]) => {
    const path = paths.get(fd);
    if (!inside(path)) return real.writeSync(fd, data as Uint8Array, ...rest);
    const bytes = typeof data === 'string' ? Buffer.from(data) : data.subarray(rest[0] ?? 0);
    const name = `write ${key(path)}`;
    // A write that the kill cuts short: half of it is there.
    if (isNext(`${name} (half)`)) real.writeSync(fd, bytes.subarray(0, Math.ceil(bytes.length / 2)));
    point(`${name} (half)`);
    const written = real.writeSync(fd, bytes);
    point(name);
    return written;
  }) as typeof fs.writeSync;
  fs.ftruncateSync = (fd, length) => {
    real.ftruncateSync(fd, length);
    const path = paths.get(fd);
    if (inside(path)) point(`cut ${key(path)}`);
  };
  fs.linkSync = step(real.linkSync, ([, to]) => `link ${key(String(to))}`);
  fs.renameSync = step(real.renameSync, ([from, to]) => `rename ${key(String(from))} to ${key(String(to))}`);
  fs.unlinkSync = step(real.unlinkSync, ([path]) => `unlink ${key(String(path))}`);
  fs.mkdirSync = step(real.mkdirSync as (path: string) => string | undefined, ([path], made, before) =>
    before || made === undefined ? undefined : `mkdir ${key(path)}`,
  ) as typeof fs.mkdirSync;
  fs.rmSync = step(real.rmSync, ([path]) => `rm ${key(String(path))}`);
  fs.utimesSync = step(real.utimesSync, ([path]) => `touch ${key(String(path))}`);

  const spawn = childProcess.spawn as (...args: unknown[]) => ReturnType<typeof childProcess.spawn>;
  childProcess.spawn = ((...args: unknown[]) => {
    const words = [args[0], ...(Array.isArray(args[1]) ? args[1] : [])].map(String);
    const what = words.find((word) => /^__\w+$/.test(word)) ?? String(words[0]).split('/').at(-1);
    point(`before spawn ${what}`);
    const child = spawn(...args);
    point(`spawn ${what}`);
    return child;
  }) as typeof childProcess.spawn;
  syncBuiltinESMExports();
}

/** A key without what differs from run to run: nonces, times, pids. */
function nameOf(path: string): string {
  return path
    .replace(/\.tmp-[^/]*/g, '.tmp')
    .replace(/\.dirlock-[^/]*/g, '.dirlock-broken')
    .replace(/\d{4}-\d\d-\d\d/g, 'DAY')
    .replace(/\b(shell|beat|move)-\d{8}-\d{6}-[0-9a-f]{4}\b/g, '$1-RUN')
    .replace(/\d{8}-\d{6}(?:-\d{4})?\b/g, 'TIME')
    .replace(/\b[0-9a-f]{16,64}\b/g, 'NONCE')
    .replace(/\b(locks\/\w+)\/\d+/g, '$1/N');
}
