/**
 * One command line → an exit code: picks the verb, loads it alone, parses, checks who asks, runs, paints. Everything that
 * touches the machine comes in with the world, made by main.ts.
 */
import type { Dialogs } from '../../contract/dialogs.js';
import type { Context, Verb, VerbInput } from '../../contract/verb.js';
import { readBody } from './body.js';
import { requireHuman } from './human-only.js';
import { type Style, styleOf } from './layout.js';
import { withOwnVerbs } from './own-verbs.js';
import { parseLine } from './parse.js';
import { noSuchVerb, type Picked, pickVerb } from './pick.js';
import { splitPlain } from './plain-line.js';
import { answerText, warningText, withNewline } from './print.js';
import type { Registry } from './usage.js';

/** The part of a verb's context that is about this one command line. */
export type Reach = Pick<Context, 'warn' | 'print' | 'signal' | 'tty' | 'dialogs'>;

export interface CliWorld {
  registry: Registry;
  version: string;
  /**
   * Completes the context of a verb with what is the machine's; fails where no data dir can be named. `ancestor`: a session above us;
   * `anyFormat`: also where a newer tend made the data dir.
   */
  open(reach: Reach, how: { ancestor: string | undefined; anyFormat: boolean }): Context;
  /** Where the profile lies; fails as `open` does. */
  profile(): Context['profile'];
  env: Context['env'];
  /** Session id of the nearest ancestor process that carries one. */
  ancestorSession(): Promise<string | undefined>;
  stdin: AsyncIterable<Uint8Array>;
  tty: Context['tty'];
  columns: number | undefined;
  /** Writes to stdout; resolves when the text has left this process. */
  out(text: string): Promise<void>;
  err(text: string): void;
  signal: AbortSignal;
}

/** `argv` without node and program. Throws what the verb throws; main.ts turns that into a message and a code. */
export async function runCli(argv: readonly string[], world: CliWorld): Promise<number> {
  const style = styleOf(world.env, { tty: world.tty.out, columns: world.columns });
  const paths = () => pathsOf(world);
  const registry = withOwnVerbs({ registry: world.registry, version: world.version, style, paths });
  const [word, ...more] = argv[0] === '_' ? argv.slice(1) : argv;
  const words = word === undefined ? [] : [word, ...more];
  if (word === 'help' || word === '--help' || word === '-h') {
    const { helpText } = await import('./help.js');
    await world.out(await helpText(registry, more, { style, paths }));
    return 0;
  }
  if (word === undefined) {
    const { summaryText } = await import('./help.js');
    await world.out(await summaryText(registry, style));
    return 0;
  }
  const picked = pickVerb(registry, word === '--version' || word === '-V' ? ['version', ...more] : words);
  if (picked.kind === 'group' && picked.rest.some((rest) => rest === '--help' || rest === '-h')) {
    const { groupText } = await import('./help.js');
    await world.out(await groupText(registry, picked, style));
    return 0;
  }
  if (picked.kind !== 'verb') return withoutVerb(registry, picked, { world, style });
  const { verb } = await registry[picked.key]!();
  const running = runVerb(verb, picked.rest, world);
  return verb.exitStyle === 'loops'
    ? running.catch(async (error) => failLikeLoops(error, picked.rest, { world, verb }))
    : running;
}

/** A line that names no verb: an input error, or what the family of those verbs says then. */
async function withoutVerb(
  registry: Registry,
  picked: Exclude<Picked, { kind: 'verb' }>,
  { world, style }: { world: CliWorld; style: Style },
): Promise<number> {
  const first = picked.kind === 'group' ? await registry[picked.keys[0]!]!() : undefined;
  if (picked.kind !== 'group' || first?.verb.exitStyle !== 'loops') throw noSuchVerb(registry, picked);
  if (picked.rest[0] === '-V' || picked.rest[0] === '--version') {
    await world.out(`${world.version}\n`);
    return 0;
  }
  const isBare = picked.rest.every((word) => word.startsWith('-'));
  if (!isBare) return failLikeLoops(noSuchVerb(registry, picked), picked.rest, { world });
  const { groupText } = await import('./help.js');
  world.err(await groupText(registry, picked, style));
  return 1;
}

async function failLikeLoops(
  error: unknown,
  argv: readonly string[],
  { world, verb }: { world: CliWorld; verb?: Verb },
): Promise<number> {
  const { loopsFailure } = await import('./loops-exit.js');
  const { text, exit } = loopsFailure(error, {
    json: asksJson(argv),
    signal: world.signal,
    inputExit: verb?.exits?.[2] === undefined ? 1 : 2,
  });
  world.err(text);
  return exit;
}

/** Whether `--json` stands among the words, for an error that came before they were parsed. */
function asksJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).some((word) => word === '-j' || word === '--json');
}

/** Reached only by a verb that asks; it loads what it paints with when it does. */
const dialogs: Dialogs = {
  init: async (choices, request) => (await import('./init-wizard.js')).askInit(choices, request),
  confirm: async (about) => (await import('./confirm.js')).askConfirm(about),
};

async function runVerb(verb: Verb, argv: readonly string[], world: CliWorld): Promise<number> {
  const split = splitPlain(verb, argv) ?? (await import('./split-line.js')).splitFor(verb, argv);
  const line = parseLine(verb, split, argv);
  if (line.help) {
    const { verbHelp } = await import('./help.js');
    await world.out(verbHelp(verb, styleOf(world.env, { tty: world.tty.out, columns: world.columns })));
    return 0;
  }
  const { warn, print, flushed } = printer(world);
  // A worker that drops its variables is still that worker: it may not ask, or take messages, as another.
  const isUnnamed = verb.group === 'worker' && !world.env['TEND_SESSION_ID'];
  const ancestor = isUnnamed ? await world.ancestorSession() : undefined;
  const context = world.open(
    { tty: world.tty, signal: world.signal, warn, print, dialogs },
    { ancestor, anyFormat: verb.anyFormat === true },
  );
  await requireHuman(verb, context.session, world.ancestorSession);
  const body = await readBody(verb, line.words, {
    stdin: world.stdin,
    tty: world.tty.in,
    signal: world.signal,
    note: (text) => world.err(`tend: ${text}\n`),
  });
  const words = verb.rest?.kind === 'command' ? line.words : [];
  const input: VerbInput = { args: line.args, flags: line.flags, words, ...(body === undefined ? {} : { body }) };
  const result = await verb.run(input, context);
  await flushed();
  await world.out(answerText(verb, { flags: line.flags, isTerminal: world.tty.out }, result));
  return result.exit ?? 0;
}

/** Early output keeps its order: each piece waits for the one before it. */
function printer(world: CliWorld) {
  let last = Promise.resolve();
  return {
    warn: (text: string): void => world.err(warningText(text)),
    print: (text: string): void => {
      last = last.then(() => world.out(withNewline(text)));
    },
    flushed: (): Promise<void> => last,
  };
}

function pathsOf(world: CliWorld) {
  try {
    return world.profile();
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
