/** A user with a home, a data dir and programs of their own in front of PATH; attempts of targets run for them as real processes. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMarked } from '../../src/host/kill.js';
import type { AgentTarget, CommandTarget } from '../../src/model/loop.js';
import type { Performed, PerformRequest } from '../../src/runs/performer.js';
import { perform } from '../../src/runs/performers.js';
import { localDisk } from '../../src/store/local-disk.js';
import { killMarks } from '../act/stage.js';

export type Attempt = Exclude<Performed, { status: 'parked' }>;

export interface User {
  home: string;
  root: string;
  /** Environment of the process that performs; starts with HOME and a PATH of `bin`, /usr/bin and /bin. */
  env: Record<string, string>;
  /** Writes an executable; a name without `/` goes to the directory in front of PATH. */
  program(name: string, script: string): string;
  /** Performs one attempt. Its token is `token`, or one of its own. */
  run(target: CommandTarget | AgentTarget, more?: Partial<PerformRequest>): Promise<Attempt>;
  shell(text: string, more?: Partial<CommandTarget>): Promise<Attempt>;
  /** Text of a file in the home; empty when there is none. */
  text(name: string): string;
  /** Every file of the home and the data dir in one text. */
  everything(): string;
  /** Pids that carry the mark of any attempt. */
  left(): number[];
  leave(): void;
}

let users = 0;

export function newUser(): User {
  const base = mkdtempSync(join(tmpdir(), 'tend-user-'));
  const [home, root, bin] = ['home', 'data', 'bin'].map((dir) => join(base, dir)) as [string, string, string];
  for (const dir of [home, root, bin]) mkdirSync(dir);
  const id = `${process.pid}-${users++}`;
  let attempts = 0;
  const env: Record<string, string> = { HOME: home, PATH: `${bin}:/usr/bin:/bin` };
  const program = (name: string, script: string): string => {
    const path = name.includes('/') ? name : join(bin, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const tokens: string[] = [];
  const run: User['run'] = async (target, more = {}) => {
    const token = more.token ?? `user-${id}-${attempts++}`;
    tokens.push(token);
    const deps = {
      disk: localDisk(root),
      profile: { dataDir: root, configPath: join(root, 'config.json'), isDefault: false },
      env,
      bin: '/usr/bin/true',
      log: () => undefined,
    };
    const signal = new AbortController().signal;
    return (await perform(deps, { target, identity: {}, signal, ...more, token })) as Attempt;
  };
  const text = (name: string) => (existsSync(join(home, name)) ? readFileSync(join(home, name), 'utf8') : '');
  return {
    home,
    root,
    env,
    program,
    run,
    shell: (command, more) => run({ type: 'command', command, shell: true, ...more }),
    text,
    everything: () =>
      [home, root]
        .flatMap((dir) => readdirSync(dir, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
        .join('\n'),
    left: () => tokens.flatMap((token) => findMarked(token)),
    leave: () => {
      for (const token of tokens) killMarks(token);
      rmSync(base, { recursive: true, force: true });
    },
  };
}
