/**
 * Messages in Block Kit, pure. A message that breaks one of Slack's limits is refused whole, so everything here is cut or split
 * to them; an approval whose move does not fit whole has no button that says yes.
 */
import type { AskStory, AskView } from '../../../contract/views/asks.js';
import { clip, flat } from '../../../lib/clip.js';
import { shortDuration } from '../../../lib/duration.js';
import { exactly, terminalSafe } from '../../../lib/terminal-safe.js';
import type { Push } from '../channel.js';
import { howTo, moveOf, REPEAT_NOTE, titleOf } from '../wording.js';
import { escapeText, partsOf } from './text.js';

/** From the reference of Block Kit: characters of each kind of text. */
const HEADER = 150;
const SECTION = 3_000;
const CONTEXT = 2_000;
const BUTTON = 75;
const CONFIRM_TEXT = 300;
/** Of the notification's own text, which is read on a lock screen. */
const FALLBACK = 300;
/** All texts of a message together may have 13,200 characters: two sections of prompt and one of options, or one of prompt and the move. */
const PROMPT_SECTIONS = 2;
const MOVE_SHOWN = 6_000;
const NOTE_SHOWN = 500;
const ANSWER_SHOWN = 500;

export interface Message {
  text: string;
  blocks: object[];
}

/** What a button carries back. `yes` is the digest of the move that was shown. */
export type ButtonValue = { ask: string } & ({ option: number } | { yes: string } | { no: true } | { write: true });

export const ACTION_PREFIX = 'tend:';

/** True when the whole move fits into a message, so that a yes to it can be given there. */
export const fitsWhole = (ask: AskView): boolean => (moveOf(ask) ?? '').length <= MOVE_SHOWN;

/** The message of an ask. `canAnswer`: replies come back to us, so there are buttons and a word about the thread. */
export function askMessage(push: Push, canAnswer: boolean): Message {
  const { ask } = push;
  return {
    text: partsOf(`${titleOf(push)}: ${flat(ask.prompt)}`, FALLBACK, escapeText)[0]!,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: clip(titleOf(push), HEADER), emoji: false } },
      ...promptBlocks(ask),
      ...moveBlocks(ask),
      ...optionBlocks(ask),
      ...(canAnswer ? [actionsOf(ask)] : []),
      context(
        [
          `asked by ${escapeText(flat(ask.worker))}`,
          ...(ask.reference ? [`see ${noteOf(ask.reference)}`] : []),
          canAnswer ? 'reply in the thread, or' : 'answer',
          `\`${escapeText(howTo(ask))}\``,
        ].join(' · '),
      ),
      ...(push.repeat ? [context(REPEAT_NOTE)] : []),
    ],
  };
}

function promptBlocks(ask: AskView): object[] {
  const parts = partsOf(terminalSafe(ask.prompt), SECTION, escapeText);
  const shown = parts.slice(0, ask.proposal ? 1 : PROMPT_SECTIONS);
  const isCut = shown.length < parts.length;
  return [
    ...(shown.length === 0 ? ['(no text)'] : shown).map(section),
    ...(isCut ? [context(`cut: \`tend ask show ${escapeText(ask.id)}\` has all of it`)] : []),
  ];
}

/** The move as it will run. Preformatted text is taken literally: no markup, no mention, no emoji can change how it looks. */
function moveBlocks(ask: AskView): object[] {
  const move = moveOf(ask);
  if (move === undefined || !ask.proposal) return [];
  const { digest, reason } = ask.proposal;
  const because = reason ? [context(`because ${noteOf(reason)}`)] : [];
  if (!fitsWhole(ask))
    return [
      section(
        `*A yes cannot be given here: the move is too long to be shown whole.* \`tend ask show ${escapeText(ask.id)}\` shows it, digest \`${digest}\``,
      ),
      ...because,
    ];
  return [
    section('*A yes does exactly this, once:*'),
    ...partsOf(move, SECTION - 100).map((text) => ({
      type: 'rich_text',
      elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
    })),
    context(`digest \`${digest}\``),
    ...because,
  ];
}

/** Options that do not fit on a button are listed whole; their buttons have the number. */
function optionBlocks(ask: AskView): object[] {
  const options = ask.options ?? [];
  if (!options.some((option) => labelOf(option).length > BUTTON)) return [];
  const list = options.map((option, at) => `${at + 1}. ${option}`).join('\n');
  return partsOf(list, SECTION, escapeText).slice(0, 1).map(section);
}

const labelOf = (option: string): string => flat(exactly(option)) || '(blank)';

function actionsOf(ask: AskView): object {
  const id = ask.id;
  const elements = ask.proposal
    ? verdictButtons(ask)
    : (ask.options ?? []).map((option, at) => optionButton(id, option, at));
  if (!ask.proposal) elements.push(button({ ask: id, write: true }, 'write', 'Answer…'));
  return { type: 'actions', block_id: `${ACTION_PREFIX}${id}`, elements };
}

function optionButton(id: string, option: string, at: number): object {
  const label = labelOf(option);
  const shown = label.length > BUTTON ? clip(`${at + 1}. ${label}`, BUTTON) : label;
  return button({ ask: id, option: at }, `option:${at}`, shown);
}

function verdictButtons(ask: AskView): object[] {
  const digest = ask.proposal?.digest ?? '';
  const confirm = {
    title: { type: 'plain_text', text: 'Do exactly this?' },
    text: { type: 'plain_text', text: clip(moveOf(ask) ?? '', CONFIRM_TEXT) },
    confirm: { type: 'plain_text', text: 'Yes' },
    deny: { type: 'plain_text', text: 'Back' },
  };
  return [
    ...(fitsWhole(ask)
      ? [{ ...button({ ask: ask.id, yes: digest }, 'yes', 'Approve'), style: 'primary', confirm }]
      : []),
    { ...button({ ask: ask.id, no: true }, 'no', 'Deny…'), style: 'danger' },
  ];
}

const button = (value: ButtonValue, action: string, label: string): object => ({
  type: 'button',
  action_id: `${ACTION_PREFIX}${action}`,
  text: { type: 'plain_text', text: label, emoji: false },
  value: JSON.stringify(value),
});

/** A line beside the text; cut before it is escaped, so that no mark is cut in two. */
const noteOf = (text: string): string => partsOf(flat(text), NOTE_SHOWN, escapeText)[0] ?? '';

const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text } });

const context = (text: string): object => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: clip(text, CONTEXT) }],
});

/** A further push of an ask whose first message stands in the channel: a word in its thread that the channel sees as well. */
export function againText({ ask, urgency, ageS }: Push, users: readonly string[]): string {
  const who = urgency === 'high' ? users.map((user) => `<@${escapeText(user)}> `).join('') : '';
  return `${who}${escapeText(ask.id)} still waits, ${shortDuration(ageS)}: ${noteOf(ask.prompt)}`;
}

/** The message once its ask has ended: what was asked, how it ended, by whom; and nothing to press. */
export function endedMessage(story: AskStory): Message {
  const by = story.by ?? 'somebody';
  // A member's id, which Slack shows as a name.
  const who = story.channel === 'slack' && /^[UW][A-Z0-9]{2,20}$/.test(by) ? `<@${by}>` : escapeText(flat(by));
  const how = `${story.state} by ${who} (${escapeText(flat(story.channel ?? 'unknown'))})`;
  const title = `${story.state === 'answered' ? '✓' : '✗'} ${story.id} was ${story.state}`;
  const answer = escapeText(clip(terminalSafe(story.answer ?? ''), ANSWER_SHOWN));
  return {
    text: escapeText(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: clip(title, HEADER), emoji: false } },
      section(escapeText(clip(terminalSafe(story.prompt), ANSWER_SHOWN)) || '(no text)'),
      section(`${how}: ${answer}`),
    ],
  };
}

/** The window in which an answer, or the reason of a no, is typed. `meta` comes back with it. */
export function answerModal(ask: AskView, kind: 'write' | 'no'): object {
  const label = kind === 'no' ? 'Why not? The decider is told.' : 'Your answer';
  return {
    type: 'modal',
    callback_id: `${ACTION_PREFIX}${kind}`,
    private_metadata: JSON.stringify({ ask: ask.id }),
    // A title has 24 characters.
    title: { type: 'plain_text', text: kind === 'no' ? 'Deny' : 'Answer' },
    submit: { type: 'plain_text', text: kind === 'no' ? 'Deny' : 'Send' },
    close: { type: 'plain_text', text: 'Back' },
    blocks: [
      section(partsOf(`${ask.id}: ${flat(ask.prompt)}`, SECTION, escapeText)[0] ?? ask.id),
      {
        type: 'input',
        block_id: 'text',
        optional: kind === 'no',
        label: { type: 'plain_text', text: label },
        element: { type: 'plain_text_input', action_id: 'text', multiline: true, max_length: SECTION },
      },
    ],
  };
}
