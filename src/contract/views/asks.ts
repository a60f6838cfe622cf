/** How an ask is shown: the JSON that scripts read, and the lines that people read. Pure. */
import { flat } from '../../lib/clip.js';
import { exactly, indented } from '../../lib/terminal-safe.js';
import type { Answer, Ask, Proposal } from '../../model/ask.js';

/** The ask as programs see it. `reference`, `options` and `proposal` are left out when there is none. */
export interface AskView {
  id: string;
  worker: string;
  prompt: string;
  reference?: string;
  options?: readonly string[];
  /** Unix seconds. */
  ts: number;
  kind: Ask['kind'];
  urgency: Ask['urgency'];
  /** The exact move that a yes releases, with its digest. */
  proposal?: Proposal;
  /** The ask that this one was reassigned from. */
  from?: string;
}

export function askView(ask: Ask): AskView {
  const { id, worker, prompt, ts, kind, urgency, reference, options, proposal, from } = ask;
  return {
    id,
    worker,
    prompt,
    ...(reference ? { reference } : {}),
    ...(options && options.length > 0 ? { options } : {}),
    ts,
    kind,
    urgency,
    ...(proposal ? { proposal } : {}),
    ...(from ? { from } : {}),
  };
}

/** Digits of a digest that people compare; the whole one stands in the JSON and in the file. */
const DIGEST_SHOWN = 12;

/** One ask as text: the whole prompt, then what belongs to it. Later lines are indented, so a prompt cannot forge an ask. */
export function renderAsk(ask: AskView): string {
  return [`⚑ ${ask.id} (${ask.worker}): ${indented(ask.prompt, '    ')}`, ...askNotes(ask, '    ')].join('\n');
}

/** The lines below an ask's prompt. */
export function askNotes(ask: AskView, indent: string): string[] {
  const note = (name: string, value: string) => `${indent}${name}: ${indented(value, `${indent}  `)}`;
  return [
    ...(ask.reference ? [note('ref', ask.reference)] : []),
    ...(ask.options ? [note('options', ask.options.join(', '))] : []),
    ...(ask.kind === 'question' ? [] : [note('kind', ask.kind)]),
    ...(ask.urgency === 'normal' ? [] : [note('urgency', ask.urgency)]),
    ...(ask.from ? [note('reassigned from', ask.from)] : []),
    ...(ask.proposal ? proposalNotes(ask.proposal, note) : []),
  ];
}

function proposalNotes({ move, digest, reason }: Proposal, note: (name: string, value: string) => string): string[] {
  const exact =
    move.action === 'run_shell' ? note('runs', exactly(move.cmd)) : note('does', exactly(JSON.stringify(move)));
  return [exact, ...(reason ? [note('because', reason)] : []), note('digest', digest.slice(0, DIGEST_SHOWN))];
}

/** Whole list as text. */
export const renderAsks = (asks: readonly AskView[]): string =>
  asks.length === 0 ? 'no pending asks' : asks.map(renderAsk).join('\n');

/** One ask with its end, for `ask show`. */
export interface AskStory extends AskView {
  state: 'pending' | Answer['outcome'];
  /** Unreadable answers leave the ask pending; this says why. */
  problem?: string;
  answer?: string;
  answered_ts?: number;
  by?: string;
  channel?: string;
  /** Somebody acted on the answer. */
  consumed: boolean;
  archived: boolean;
}

export function renderStory(story: AskStory): string {
  const end =
    story.answer === undefined
      ? []
      : [`${story.state} by ${flat(story.by ?? '')} (${flat(story.channel ?? '')}): ${indented(story.answer, '    ')}`];
  return [
    renderAsk(story),
    `state: ${story.state}${story.consumed ? ', acted on' : ''}${story.archived ? ', archived' : ''}`,
    ...(story.problem ? [`problem: ${indented(story.problem, '    ')}`] : []),
    ...end,
  ].join('\n');
}
