/** A push in plain words, for channels that show a title and a text. Pure. */
import type { AskView } from '../../contract/views/asks.js';
import { clip, flat } from '../../lib/clip.js';
import { shortDuration } from '../../lib/duration.js';
import { exactly, terminalSafe } from '../../lib/terminal-safe.js';
import type { Push } from './channel.js';

/** What a message says that may be there twice. */
export const REPEAT_NOTE = 'Sent again: the first one may have reached you.';
export const TEST_TITLE = 'tend: a test';
export const TEST_TEXT = 'This is where asks will be pushed.';

const KIND: Readonly<Record<AskView['kind'], string>> = {
  question: 'Question',
  approval: 'Approval',
  review: 'Review',
  escalation: 'Escalation',
  setup: 'Setup',
};

/** One line: what it is, who asks, how long it waits. */
export function titleOf({ ask, urgency, step, ageS }: Push): string {
  const waits = step > 0 ? `, waits ${shortDuration(ageS)}` : '';
  return `${urgency === 'high' ? 'URGENT: ' : ''}${KIND[ask.kind]} ${ask.id}${waits}`;
}

/** The move of an approval as it will run, every unseen character named; undefined when there is none. */
export function moveOf({ proposal }: AskView): string | undefined {
  if (!proposal) return undefined;
  const { move } = proposal;
  return exactly(move.action === 'run_shell' ? move.cmd : JSON.stringify(move, null, 2));
}

/** How the ask can be answered at a terminal. */
export const howTo = (ask: AskView): string =>
  ask.proposal ? `tend answer ${ask.id} yes, or: no "the reason"` : `tend answer ${ask.id} "…"`;

/** The whole text, at most `maxChars`; what is cut says where the rest is. */
export function bodyOf(push: Push, maxChars: number): string {
  const { ask } = push;
  const move = moveOf(ask);
  const end = [
    ...(ask.options ? [ask.options.map((option, at) => `${at + 1}. ${flat(option)}`).join('\n')] : []),
    ...(ask.reference ? [`See ${flat(ask.reference)}`] : []),
    ...(ask.proposal ? [`digest ${ask.proposal.digest.slice(0, 12)}`] : []),
    ...(push.repeat ? [REPEAT_NOTE] : []),
    howTo(ask),
  ].join('\n');
  const main = [terminalSafe(ask.prompt), ...(move === undefined ? [] : [`Runs: ${move}`])].join('\n\n');
  const tail = clip(end, Math.floor(maxChars / 2));
  const room = Math.max(0, maxChars - tail.length - CUT_ROOM);
  const isCut = main.length > room;
  return `${clip(main, room)}${isCut ? `\n[cut: tend ask show ${ask.id}]` : ''}\n\n${tail}`;
}

/** For the line that says that something was cut: an id has 74 characters at most. */
const CUT_ROOM = 110;
