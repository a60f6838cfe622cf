import { now } from '../../host/clock.js';
import { clip } from '../../lib/clip.js';
import { type Ask, readVerdict } from '../../model/ask.js';
import { badInput, refused } from '../../model/error.js';
import { type Instant, unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import {
  type AnswerDraft,
  answerKey,
  archivedAskKey,
  askKey,
  isConsumed,
  readAnswer,
  readArchivedAnswer,
  recordAnswer,
  replaceAnswer,
  restoreAnswer,
  withdrawAnswer,
} from '../../store/asks.js';
import type { Disk } from '../../store/disk.js';
import { quarantine } from '../../store/quarantine.js';
import { readSettlement } from '../../store/settlements.js';
import { expandOption } from '../expand-option.js';
import { alreadyEnded, findAsk, requireAskId } from '../find-ask.js';
import type { Context, Verb, VerbInput } from '../verb.js';

const DOING = 'Cannot answer';
/** Ways an answer can come; clients and relays name theirs. */
const CHANNELS = ['cli', 'tui', 'web', 'slack', 'mcp'] as const;

/** The human's word: recorded once, atomically, by whoever is first, with who gave it and which way it came. */
export const verb: Verb = {
  path: ['answer'],
  group: 'human',
  about: 'Answer an ask; the first answer wins',
  details:
    'Any text is an answer. When the ask offers options, an answer that is nothing but an option in any case, its number, or ' +
    'the beginning of exactly one option is recorded as that option.\n\n' +
    'An approval takes a plain yes, which runs exactly the command that the ask shows, or no with a reason behind it, which is told ' +
    'to the decider. A yes with words behind it is refused: it would allow something else.',
  args: [{ name: 'ask_id', about: 'which ask', required: true, complete: 'asks' }],
  rest: { kind: 'text', name: 'text', about: 'the answer', required: true },
  flags: {
    force: { type: 'boolean', about: 'replace an answer that nobody has acted on, or one that cannot be read' },
    channel: {
      type: 'string',
      value: 'NAME',
      about: 'for clients and relays: the way the answer came',
      choices: CHANNELS,
      default: 'cli',
    },
    json: { type: 'boolean', about: 'print {id, answer, ts}' },
  },
  examples: [
    { line: 'tend answer web-1 hold until Monday', about: 'free text' },
    { line: 'tend answer gate-3 no, not on a Friday', about: 'an approval, with the reason' },
    { line: 'tend answer web-2 - < plan.md', about: 'several lines' },
  ],
  exits: { 1: 'no such ask, already answered, or acted on' },
  human: true,
  async run(input, context) {
    const id = requireAskId(input.args['ask_id']);
    const text = readText(id, input.body);
    const ask = await findAsk(context.disk, id, DOING);
    const at = now();
    const draft = draftOf(ask, text, { input, user: context.session.user });
    await record(draft, ask, { context, at, force: input.flags['force'] === true });
    if (draft.answer !== text) context.warn(`recorded as the option ${JSON.stringify(draft.answer)}`);
    return { text: `answered ${id}`, json: { id, answer: draft.answer, ts: unixSeconds(at) } };
  },
};

function readText(id: string, body: string | undefined): string {
  const text = (body ?? '').trimEnd();
  if (text.trim() === '') throw badInput(`${DOING} "${id}": the answer is blank`, `tend answer ${id} "your answer"`);
  if (text.length > LIMITS.answerChars)
    throw badInput(
      `${DOING} "${id}": the answer has ${text.length} characters, ${LIMITS.answerChars} at most`,
      'put the long part into a file and name it in the answer',
    );
  return text;
}

function draftOf(ask: Ask, text: string, from: { input: VerbInput; user: string }): AnswerDraft {
  const isApproval = ask.kind === 'approval' || ask.proposal !== undefined;
  if (isApproval && !readVerdict(text))
    throw badInput(
      `${DOING} approval "${ask.id}" with ${JSON.stringify(clip(text, 80))}: it takes a plain yes, which runs exactly what was asked, or no with your reason`,
      `tend answer ${ask.id} no "the reason"`,
    );
  return {
    id: ask.id,
    outcome: 'answered',
    answer: isApproval ? text : expandOption(text, ask.options ?? []),
    by: from.user,
    channel: String(from.input.flags['channel'] ?? 'cli'),
    ...(ask.proposal ? { digest: ask.proposal.digest } : {}),
  };
}

interface Recording {
  context: Context;
  at: Instant;
  force: boolean;
}

async function record(draft: AnswerDraft, ask: Ask, recording: Recording): Promise<void> {
  const { disk, warn } = recording.context;
  if (recording.force && (await overwrite(draft, ask, recording))) return;
  if (!recordAnswer(disk, draft, recording.at)) await loseTo(disk, draft.id);
  const still = disk.stat(askKey(draft.id));
  if (still.state === 'unreadable')
    warn(`the answer is recorded, but ask "${draft.id}" cannot be looked at: ${still.reason}`);
  if (still.state !== 'absent' || (await wasTaken(draft, recording))) return;
  // The ask ended and was archived between our look and our write: what we wrote would be an answer to nothing.
  withdrawAnswer(disk, draft, recording.at);
  throw refused('ask-gone', `${DOING} "${draft.id}": it ended in the meantime`, `tend ask show ${draft.id}`);
}

/**
 * True when the ask is gone because our own answer has already been acted on and archived: whoever waits for it can be faster than
 * we are. The ask goes to the archive first, so an archived ask without an archived answer is ours, too, half-way there.
 */
async function wasTaken(draft: AnswerDraft, { context, at }: Recording): Promise<boolean> {
  const { disk } = context;
  if (disk.stat(archivedAskKey(draft.id)).state !== 'present') return false;
  const shelved = await readArchivedAnswer(disk, draft.id);
  if (shelved.state !== 'present') return true;
  const { answer, by, ts } = shelved.value;
  return answer === draft.answer.replace(/\n$/, '') && by === draft.by && ts === unixSeconds(at);
}

/** Throws what the winner wrote. */
async function loseTo(disk: Disk, id: string): Promise<never> {
  const winner = await readAnswer(disk, id);
  if (winner.state === 'present') throw alreadyEnded(winner.value, DOING);
  if (winner.state === 'absent')
    throw refused('ask-gone', `${DOING} "${id}": it ended in the meantime`, `tend ask show ${id}`);
  throw refused(
    'bad-answer',
    `${DOING} "${id}": there is an answer that cannot be read: ${winner.reason}`,
    winner.state === 'corrupt' ? `tend answer ${id} --force "your answer"` : 'tend status',
  );
}

/** True when an earlier answer was replaced; false when there is none, so that ours can be the first. */
async function overwrite(draft: AnswerDraft, ask: Ask, { context, at }: Recording): Promise<boolean> {
  const { disk, warn } = context;
  const before = await readAnswer(disk, draft.id);
  if (before.state === 'absent') return false;
  if (before.state === 'corrupt') {
    quarantine(disk, answerKey(draft.id), before.reason, at);
    return false;
  }
  if (before.state !== 'present') return loseTo(disk, draft.id);
  if (before.value.outcome !== 'answered') throw alreadyEnded(before.value, DOING);
  if (isSettled(disk, ask)) throw actedOn(draft.id);
  if (isConsumed(disk, draft.id)) {
    warn(`the asker has acted on the earlier answer to "${draft.id}"; tell it: tend tell ${ask.worker} "…"`);
  }
  if (!replaceAnswer(disk, draft, at, before.text))
    throw refused(
      'changed-meanwhile',
      `${DOING} "${draft.id}": the answer changed in this moment`,
      `tend ask show ${draft.id}`,
    );
  if (isSettled(disk, ask)) {
    restoreAnswer(disk, draft, at, before.text);
    throw actedOn(draft.id);
  }
  return true;
}

/** From the settlement on the yes may be running; it is consumed when that has ended, which may be hours later. */
const isSettled = (disk: Disk, ask: Ask): boolean =>
  ask.kind === 'approval' && (isConsumed(disk, ask.id) || readSettlement(disk, ask.id).state !== 'absent');

const actedOn = (id: string) =>
  refused('acted-on', `${DOING} "${id}" anew: the earlier answer was acted on`, `tend ask show ${id}`);
