/** A program of the user's own, run for one push: what it is told comes by environment and stdin, never in its command line. */
import { childEnv } from '../../host/children-env.js';
import { execBounded } from '../../host/exec.js';
import { whichProgram } from '../../host/which.js';
import { oneLine } from '../../lib/clip.js';
import { nonce } from '../../lib/hash.js';
import { withoutProviderKeys } from '../../ops/child-keys.js';
import { loadConfig } from '../../store/config.js';
import type { Context } from '../verb.js';

/** A notifier that takes longer hangs. */
const TIMEOUT_MS = 30_000;
/** What it prints is of no use to anybody but in a message about its failure. */
const SAID_BYTES = 2_048;
const QUOTED_CHARS = 200;

export interface NotifyCommand {
  argv: readonly [string, ...string[]];
  /** Text for its stdin. */
  input: string;
  env: Readonly<Record<string, string>>;
}

/** What came of it. `unsure`: it was ended in the middle, and may have done its work. */
export type CommandEnd = { ok: true } | { ok: false; why: string; unsure: boolean };

/**
 * Runs it in the data dir. It runs for the human who runs the relay and may use the human's verbs; keys of providers and the secrets
 * of the relay (our own variables) are kept from it.
 */
export async function runNotifyCommand(context: Context, command: NotifyCommand): Promise<CommandEnd> {
  const { config } = loadConfig(context.profile.configPath);
  const mark = nonce();
  const { TEND_SESSION_ID: _none, ...env } = childEnv(
    withoutProviderKeys(context.env, config.pass_keys),
    context.profile,
    context.bin,
    { sessionId: '', mark, extra: command.env },
  );
  for (const name of namedSecrets(config['notify'])) delete env[name];
  const end = await execBounded({
    argv: command.argv,
    cwd: context.disk.root,
    env,
    input: command.input,
    timeoutMs: TIMEOUT_MS,
    stdoutMaxBytes: SAID_BYTES,
    whenOver: 'drop',
    stderrTailBytes: SAID_BYTES,
    signal: context.signal,
  });
  if (end.exitCode === 0) return { ok: true };
  const said = oneLine(end.stderrTail, QUOTED_CHARS);
  const why = end.problem
    ? `it could not be started: ${end.problem}`
    : end.timedOut
      ? `it did not end within ${TIMEOUT_MS / 1000} s`
      : end.exitCode === null
        ? `it was ended by ${end.signal ?? 'a signal'}`
        : `it ended with ${end.exitCode}`;
  return { ok: false, why: said === '' ? why : `${why}: ${said}`, unsure: end.exitCode === null && !end.problem };
}

/** Absolute path of a program on the PATH, or undefined. */
export const findProgram = ({ env, disk }: Context, name: string): string | undefined =>
  whichProgram(name, env, disk.root);

/** Variables in which the config says that secrets are. */
const namedSecrets = (notify: unknown): string[] =>
  [...JSON.stringify(notify ?? {}).matchAll(/\{"env":"([^"\\]+)"\}/g)].map((match) => match[1]!);
