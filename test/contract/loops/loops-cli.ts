/** The command line over a data dir of its own, in this process: the real verbs and files, without the cost of starting Node. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '../../../src/clients/cli/print.js';
import { type CliWorld, runCli } from '../../../src/clients/cli/run.js';
import type { LoopState } from '../../../src/model/loop.js';
import type { Disk } from '../../../src/store/disk.js';
import { localDisk } from '../../../src/store/local-disk.js';
import { casState, readLoop, type SoundLoop } from '../../../src/store/loops.js';
import { VERBS } from '../../../src/verbs.js';

export interface Said {
  exit: number;
  out: string;
  err: string;
}

export interface LoopsCli {
  /** A directory that ends with the test; the data dir is in it. */
  dir: string;
  disk: Disk;
  cli(...argv: string[]): Promise<Said>;
  /** JSON of a line that must end with 0. */
  json<T = Record<string, unknown>>(...argv: string[]): Promise<T>;
  /** Creates a command loop and returns its id. */
  create(name: string, ...flags: string[]): Promise<string>;
  loop(id: string): SoundLoop;
  /** Writes the next state of a loop by hand, e.g. with a time that has passed. */
  setState(id: string, change: Partial<LoopState>): void;
  remove(): void;
}

/** `wrap`: the disk as the verbs see it, e.g. with somebody else's change between their look and their write. */
export function makeLoopsCli(over: Partial<CliWorld> = {}, wrap: (disk: Disk) => Disk = (disk) => disk): LoopsCli {
  const dir = mkdtempSync(join(tmpdir(), 'tend-loops-'));
  const disk = localDisk(join(dir, 'data'));
  const env = { PATH: process.env['PATH'], HOME: dir, TEND_DATA_DIR: disk.root };
  const profile = { dataDir: disk.root, configPath: join(disk.root, 'config.json'), isDefault: false };
  const cli = async (...argv: string[]): Promise<Said> => {
    const seen = { out: '', err: '' };
    const world: CliWorld = {
      registry: VERBS,
      version: '0.0.0',
      open: (reach) => ({
        ...reach,
        disk: wrap(disk),
        profile,
        env,
        session: { user: 'u' },
        bin: '/nonexistent/tend',
        seeds: '/nonexistent',
      }),
      profile: () => profile,
      env,
      ancestorSession: async () => undefined,
      stdin: (async function* () {})(),
      tty: { in: false, out: false },
      columns: undefined,
      out: async (text) => {
        seen.out += text;
      },
      err: (text) => {
        seen.err += text;
      },
      signal: new AbortController().signal,
      ...over,
    };
    const exit = await runCli(argv, world).catch((error: unknown) => {
      const said = errorText(error);
      seen.err += said.text;
      return said.exit;
    });
    return { ...seen, exit };
  };
  const json = async <T>(...argv: string[]): Promise<T> => {
    const said = await cli(...argv, '--json');
    if (said.exit !== 0) throw new Error(`tend ${argv.join(' ')} ended with ${said.exit}: ${said.err}`);
    return JSON.parse(said.out) as T;
  };
  const loop = (id: string): SoundLoop => {
    const entry = readLoop(disk, id);
    if (entry?.state !== 'ok') throw new Error(`loop ${id}: ${entry ? entry.reason : 'absent'}`);
    return entry;
  };
  return {
    dir,
    disk,
    cli,
    json,
    loop,
    create: async (name, ...flags) =>
      (await json<{ id: string }>('loops', 'create', 'command', name, '--cmd', 'true', ...flags)).id,
    setState: (id, change) => {
      const { loopState } = loop(id);
      if (!casState(disk, id, loopState, { ...loopState, ...change })) throw new Error(`loop ${id} was changed`);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
