/** What is read of the opened row, as lines: an ask with the exact move that a yes runs, a worker, the pulse. Pure. */
import type { AskView } from '../../contract/views/asks.js';
import { type FleetPulse, type FleetWorker, isApproval } from '../../contract/views/fleet-screen.js';
import { ago, shortDuration } from '../../lib/duration.js';
import { exactly } from '../../lib/terminal-safe.js';
import { endWords } from '../../model/worker-end.js';
import { markdownLines, plainLines } from './markdown.js';
import type { Model } from './model.js';
import { openedWorker } from './model.js';
import { type Line, safe, wrapLine } from './text-line.js';
import { THEME } from './theme.js';

/** Digits of a digest that people compare. */
const DIGEST_SHOWN = 12;

let last:
  | { model: Pick<Model, 'opened' | 'ended' | 'sight' | 'nowTs' | 'selected'>; width: number; lines: Line[] }
  | undefined;

/** Lines of at most `width` columns. The last answer is remembered: keys that only write do not lay the text out again. */
export function readLines(model: Model, width: number): Line[] {
  const { opened, ended, sight, nowTs, selected } = model;
  const isSame =
    last?.width === width &&
    last.model.opened === opened &&
    last.model.ended === ended &&
    last.model.sight === sight &&
    last.model.nowTs === nowTs &&
    last.model.selected === selected;
  if (last && isSame) return last.lines;
  last = { model: { opened, ended, sight, nowTs, selected }, width, lines: linesOf(model, width) };
  return last.lines;
}

function linesOf(model: Model, width: number): Line[] {
  const worker = openedWorker(model);
  if (model.opened) return askLines(model.opened, { model, worker, width });
  if (worker) return workerLines(worker, { nowTs: model.nowTs, width });
  return pulseLines(model.sight.pulse, { model, width });
}

function askLines(ask: AskView, at: { model: Model; worker: FleetWorker | undefined; width: number }): Line[] {
  const { model, worker, width } = at;
  const facts = [
    ask.id,
    `from ${ask.worker}`,
    ago(model.nowTs - ask.ts),
    ...(ask.kind === 'question' ? [] : [ask.kind]),
    ...(ask.urgency === 'normal' ? [] : [`${ask.urgency} urgency`]),
    ...(ask.from ? [`reassigned from ${ask.from}`] : []),
    ...(worker ? [worker.alive ? 'its worker waits' : `its worker ${endWords(worker.state)}`] : []),
  ];
  return [
    ...wrapLine([{ text: safe(facts.join(' · ')), style: THEME.dim }], width),
    ...(model.ended === undefined ? [] : [[], ...plainLines(model.ended, width, THEME.warn)]),
    [],
    ...(isApproval(ask) ? approvalLines(ask, width) : []),
    ...markdownLines(ask.prompt, width),
    ...optionLines(ask.options ?? [], width),
    ...(ask.reference
      ? [
          [],
          ...wrapLine(
            [
              { text: 'file: ', style: THEME.dim },
              { text: safe(ask.reference), style: THEME.link },
            ],
            width,
          ),
        ]
      : []),
  ];
}

/** The move before the words about it: what runs is what is shown here, byte for byte. */
function approvalLines({ proposal }: AskView, width: number): Line[] {
  if (!proposal) return [[{ text: 'Takes yes, or no and a reason.', style: THEME.warn }], []];
  const { move, reason, digest } = proposal;
  const text = move.action === 'run_shell' ? move.cmd : JSON.stringify(move, null, 2);
  const frame = plainLines(exactly(text), Math.max(1, width - 2), THEME.strong);
  return [
    [
      {
        text: `A yes ${move.action === 'run_shell' ? 'runs' : `does (${move.action})`} exactly this:`,
        style: THEME.bad,
      },
    ],
    ...frame.map((line): Line => [{ text: '┃ ', style: THEME.bad }, ...line]),
    ...(reason
      ? wrapLine([{ text: 'because: ', style: THEME.dim }, { text: safe(reason).replace(/\n/g, ' ') }], width)
      : []),
    [{ text: `digest: ${safe(digest.slice(0, DIGEST_SHOWN))}`, style: THEME.dim }],
    [],
  ];
}

function optionLines(options: readonly string[], width: number): Line[] {
  if (options.length === 0) return [];
  return [
    [],
    ...options.flatMap((option, n) =>
      wrapLine([{ text: `${n + 1} `, style: THEME.key }, { text: safe(option).replace(/\n/g, ' ') }], width, [
        { text: '  ' },
      ]),
    ),
  ];
}

function workerLines(worker: FleetWorker, { nowTs, width }: { nowTs: number; width: number }): Line[] {
  // As in the list: seconds would stand still, since nobody paints them by the clock.
  const age = (ts: number | null): string =>
    ts === null ? '-' : nowTs - ts < 60 ? 'less than 1m' : shortDuration(nowTs - ts);
  const state = worker.state === 'exited' && worker.exitCode !== null ? `exited with ${worker.exitCode}` : worker.state;
  const rows = [
    `${worker.id} · ${worker.alive ? worker.health : state}`,
    ...(worker.alive ? [`up ${age(worker.startedTs)}, last output ${age(worker.quietSinceTs)} ago`] : []),
    ...(worker.verify === null ? [] : [`verify: ${worker.verify}`]),
    ...(worker.pendingTells > 0 ? [`${worker.pendingTells} messages that it has not read yet`] : []),
    ...(worker.place
      ? [`works in ${worker.place.path ?? 'no worktree'}, branch ${worker.place.branch} of ${worker.place.repo}`]
      : []),
    ...(worker.problem === undefined ? [] : [worker.problem]),
  ];
  return rows.flatMap((text) => plainLines(text, width));
}

export const PULSE_WORDS: Readonly<Record<FleetPulse['state'], string>> = {
  asking: 'asking the pulse …',
  alive: 'the pulse lives',
  silent: 'the pulse is there but does not answer: tend status',
  dead: 'the pulse is DOWN, nothing is sensed, decided or started: tend up (u)',
  unknown: 'it is not known whether the pulse lives: tend status',
};

function pulseLines(pulse: FleetPulse, { model, width }: { model: Model; width: number }): Line[] {
  const up =
    pulse.state === 'alive' && pulse.startedTs !== null ? `, up ${shortDuration(model.nowTs - pulse.startedTs)}` : '';
  return [
    ...plainLines(PULSE_WORDS[pulse.state] + up, width, pulse.state === 'dead' ? THEME.bad : THEME.plain),
    ...model.sight.problems.flatMap((problem) => plainLines(`! ${problem}`, width, THEME.warn)),
  ];
}
