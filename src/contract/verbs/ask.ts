import { lightWaiter, type Waiter, waiterLife } from '../../host/ask-waiter.js';
import { now, sleep } from '../../host/clock.js';
import { readStdin } from '../../host/stdin.js';
import { clip, flat } from '../../lib/clip.js';
import { type Answer, ASK_KINDS, type Ask, URGENCIES } from '../../model/ask.js';
import { badInput, messageOf, refused, type TendError } from '../../model/error.js';
import { requireId } from '../../model/id.js';
import { resolveKnobs } from '../../model/knobs.js';
import { LIMITS } from '../../model/limits.js';
import { RESERVED_WORKER_IDS } from '../../model/worker.js';
import {
  type AskDraft,
  askIdProblem,
  consumeAnswer,
  idsIn,
  isConsumed,
  raiseAsk,
  readAsk,
  takeOverAsk,
} from '../../store/asks.js';
import { consumeTells } from '../../store/tells.js';
import { blockOnAnswer } from '../block-on-answer.js';
import type { Context, Verb, VerbInput, VerbResult } from '../verb.js';

/** An approval carries a move and comes from the gate alone. */
const KINDS = ASK_KINDS.filter((kind) => kind !== 'approval');

/**
 * The worker's question. Stdout is the answer and nothing else, and the answer is marked as taken only after it was printed:
 * an asker that dies anywhere leaves an ask that its successor takes over by asking the same.
 */
export const verb: Verb = {
  path: ['ask'],
  group: 'worker',
  about: 'Ask the human and wait for the answer, which is all that is printed',
  details:
    'The ask is a file: it survives the pulse, the machine and the asker. When the same worker asks the same prompt after the ' +
    'earlier asker died, it waits for that ask instead of raising a second one.\n\n' +
    'Messages sent with "tend tell" that the worker has not seen yet come before the answer, under a [steering] line and above "---".',
  args: [{ name: 'worker', about: 'who asks; in a worker $TEND_SESSION_ID is known', required: false }],
  flags: {
    prompt: { type: 'string', value: 'TEXT', about: 'the question, Markdown; "-" reads it from stdin' },
    ref: { type: 'string', value: 'PATH', about: 'a file the human should see, such as a report', complete: 'files' },
    options: { type: 'strings', value: 'A,B', about: 'answers to offer; other text is accepted too' },
    again: {
      type: 'string',
      value: 'ASK',
      about: 'instead of a prompt: wait for this ask of the same worker, whose asker has died',
    },
    kind: { type: 'string', value: 'KIND', about: 'what is wanted of the human', choices: KINDS, default: 'question' },
    urgency: { type: 'string', value: 'LEVEL', about: 'how soon', choices: URGENCIES, default: 'normal' },
    timeout: {
      type: 'duration',
      value: 'DUR',
      about: 'give up after this, 0 looks once; the ask stays. Default $TEND_ASK_TIMEOUT_S',
    },
  },
  examples: [
    { line: 'reply=$(tend ask --prompt "Refund 3 duplicates now?" --options refund,hold)', about: 'inside a worker' },
    { line: 'tend ask me --prompt "Which day?" --timeout 10m', about: 'under a name of your own' },
  ],
  exits: {
    1: 'the ask was closed, expired or taken over, or too many of this asker wait',
    124: 'no answer in time; the ask stays',
    130: 'interrupted; the ask stays',
  },
  async run(input, context) {
    const again = input.flags['again'];
    const draft =
      again === undefined ? await readDraft(input, context) : await earlierDraft(input, context, String(again));
    const { knobs } = resolveKnobs(context.env, {});
    const timeout = input.flags['timeout'];
    const waiter = await lightOrWarn(context);
    try {
      const taken = waiter && (await takeOver(draft, waiter, context));
      if (!taken && again !== undefined) throw notAbandoned(String(again));
      const ask = taken ?? raise(draft, waiter, context);
      const answer = await blockOnAnswer(ask.id, {
        disk: context.disk,
        signal: context.signal,
        warn: context.warn,
        pollMs: knobs.waitPollMs,
        timeoutS: typeof timeout === 'number' ? timeout : knobs.askTimeoutS || undefined,
      });
      await requireStillOurs(ask, context);
      return await deliver(ask, answer, context);
    } finally {
      waiter?.close();
    }
  },
};

async function readDraft(input: VerbInput, { session, signal }: Context): Promise<AskDraft> {
  const worker = workerOf(input.args['worker'], session.id);
  const { prompt: given, ref, options, kind, urgency } = input.flags;
  const raw = given === '-' ? await readStdin(LIMITS.askChars * 4, signal) : String(given ?? '');
  const prompt = raw.trimEnd();
  if (prompt.trim() === '')
    throw badInput(`Cannot ask as "${worker}": the prompt is blank`, `tend ask ${worker} --prompt "your question"`);
  if (prompt.length > LIMITS.askChars)
    throw badInput(
      `Cannot ask as "${worker}": the prompt has ${prompt.length} characters, ${LIMITS.askChars} at most`,
      'put the long part into reports/ and name it with --ref',
    );
  const offered = Array.isArray(options) ? options.map(String) : [];
  if (offered.length > LIMITS.askOptions)
    throw badInput(`Cannot ask as "${worker}": ${offered.length} options, ${LIMITS.askOptions} at most`);
  return {
    worker,
    prompt,
    kind: (kind as Ask['kind'] | undefined) ?? 'question',
    urgency: (urgency as Ask['urgency'] | undefined) ?? 'normal',
    ...(ref ? { reference: String(ref) } : {}),
    ...(offered.length > 0 ? { options: offered } : {}),
    ...(session.generation && session.id === worker ? { generation: session.generation } : {}),
  };
}

/** The ask of an earlier asker, to be taken over by its id: nobody has to repeat its prompt to the letter. */
async function earlierDraft({ args }: VerbInput, { disk, session }: Context, id: string): Promise<AskDraft> {
  const worker = workerOf(args['worker'], session.id);
  const problem = askIdProblem(id);
  if (problem) throw badInput(`Cannot wait for ask ${JSON.stringify(id)} again: ${problem}`, 'tend asks');
  const ask = await readAsk(disk, id);
  if (ask.state !== 'present' || ask.value.worker !== worker) {
    const why = ask.state === 'present' || ask.state === 'absent' ? `"${worker}" has no such ask` : ask.reason;
    throw refused('no-ask', `Cannot wait for ask ${JSON.stringify(id)} again: ${why}`, 'tend asks');
  }
  const { prompt, kind, urgency } = ask.value;
  return {
    worker,
    prompt,
    kind,
    urgency,
    ...(session.generation && session.id === worker ? { generation: session.generation } : {}),
  };
}

const notAbandoned = (id: string): TendError =>
  refused(
    'ask-taken',
    `Cannot wait for ask "${id}" again: its asker lives, or its answer was taken`,
    `tend ask show ${id}`,
  );

/** Under another worker's name an asker could take over its asks and with them its answers; tend's own names are nobody else's. */
function workerOf(named: string | undefined, session: string | undefined): string {
  const worker = named ?? session;
  if (worker === undefined)
    throw badInput(
      'Cannot ask: who asks is not known, $TEND_SESSION_ID is not set',
      'tend ask me --prompt "your question"',
    );
  requireId('worker', worker);
  if (session !== undefined && worker !== session)
    throw refused(
      'not-yours',
      `Cannot ask as "${worker}": this is the session of "${session}"`,
      `tend ask ${session} --prompt …`,
    );
  if (session === undefined && RESERVED_WORKER_IDS.includes(worker))
    throw badInput(
      `Cannot ask as "${worker}": the name belongs to a part of tend`,
      'tend ask me --prompt "your question"',
    );
  return worker;
}

async function lightOrWarn({ env, profile, warn }: Context): Promise<Waiter | undefined> {
  try {
    return await lightWaiter(env, profile.dataDir);
  } catch (error) {
    warn(`nobody will see that this ask is waited for: ${messageOf(error)}`);
    return undefined;
  }
}

function raise(draft: AskDraft, waiter: Waiter | undefined, { disk }: Context): Ask {
  const answered = new Set(idsIn(disk, 'answers'));
  const open = idsIn(disk, 'asks').filter((id) => id.replace(/-\d+$/, '') === draft.worker && !answered.has(id));
  if (open.length >= LIMITS.asksPerAsker)
    throw refused(
      'too-many-asks',
      `Cannot ask as "${draft.worker}": ${open.length} of its asks wait for an answer, ${LIMITS.asksPerAsker} at most`,
      'tend asks',
    );
  return raiseAsk(disk, waiter ? { ...draft, waiter: waiter.nonce } : draft, now());
}

/** The ask with this prompt whose asker is gone and whose answer nobody has taken: crash recovery of the same question. */
async function takeOver(draft: AskDraft, waiter: Waiter, context: Context): Promise<Ask | undefined> {
  const { disk } = context;
  for (const id of idsIn(disk, 'asks')) {
    if (!id.startsWith(`${draft.worker}-`)) continue;
    const ask = await readAsk(disk, id);
    if (ask.state !== 'present' || !isSameQuestion(ask.value, draft) || isConsumed(disk, id)) continue;
    if (!(await isAbandoned(ask.value, draft.generation, context))) continue;
    const by = { generation: draft.generation, waiter: waiter.nonce };
    if (takeOverAsk(disk, ask, by)) return { ...ask.value, ...by } as Ask;
  }
  return undefined;
}

const isSameQuestion = (ask: Ask, draft: AskDraft): boolean =>
  ask.worker === draft.worker && ask.prompt === draft.prompt && ask.kind === draft.kind;

async function isAbandoned(ask: Ask, generation: string | undefined, { env, profile }: Context): Promise<boolean> {
  if (ask.generation && generation && ask.generation !== generation) return true;
  if (ask.waiter) return (await waiterLife(env, profile.dataDir, ask.waiter)) === 'dead';
  // Raised for somebody else to pick up; any other ask without a waiter may have an asker that could not light its beacon.
  return ask.from !== undefined;
}

/** A later asker of the same question has taken the ask: the answer is for it alone. */
async function requireStillOurs(ask: Ask, { disk }: Context): Promise<void> {
  const current = await readAsk(disk, ask.id);
  if (current.state === 'present' && current.value.waiter !== ask.waiter)
    throw refused(
      'taken-over',
      `Ask "${ask.id}" was taken over by a later asker of the same question`,
      `tend ask show ${ask.id}`,
    );
}

async function deliver(ask: Ask, answer: Answer, context: Context): Promise<VerbResult> {
  const { disk, warn } = context;
  const take = () => {
    try {
      consumeAnswer(disk, ask.id, `asker:${ask.worker}`, now());
    } catch (error) {
      // The asker has its answer; that the mark is missing only means that it may be offered once more.
      warn(`the answer to "${ask.id}" could not be marked as taken: ${messageOf(error)}`);
    }
  };
  if (answer.outcome !== 'answered') {
    take();
    const why = clip(flat(answer.answer), LIMITS.journalLineChars);
    throw refused(`ask-${answer.outcome}`, `Ask "${ask.id}" was ${answer.outcome} by ${flat(answer.by)}: ${why}`);
  }
  context.print(`${await steering(ask, context)}${answer.answer}\n`);
  // Stdout of a command is written at once; one turn later a reader that is gone has ended us, and the answer stays untaken.
  await sleep(0);
  // An asker that gave up in this moment may not have read it.
  if (!context.signal.aborted) take();
  return { text: '' };
}

/** Tells that the worker has not fetched, to be read before the answer. */
async function steering(ask: Ask, { disk, warn }: Context): Promise<string> {
  try {
    const { messages, problems } = await consumeTells(disk, ask.worker, { generation: ask.generation, now: now() });
    for (const problem of problems) warn(`a tell cannot be read: ${problem}`);
    if (messages.length === 0) return '';
    return `[steering from the human since you asked]\n${messages.map((text) => `• ${text}`).join('\n')}\n---\n`;
  } catch (error) {
    warn(`tells cannot be read: ${messageOf(error)}`);
    return '';
  }
}
