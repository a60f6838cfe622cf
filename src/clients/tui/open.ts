/** Opening a row, and what is put beside it. Pure. */
import type { AskView } from '../../contract/views/asks.js';
import { type Effect, type Step, step } from './event.js';
import { isWideForSide } from './layout.js';
import { revealSelected } from './list.js';
import { type Model, openedWorker, type Side } from './model.js';

/** Opens the row of this key; its draft is what was written to it before. */
export function openRow(model: Model, key: string): Step {
  const row = model.rows.find((one) => one.key === key);
  if (!row) return step(model);
  const opened = row.kind === 'ask' ? row.ask : undefined;
  const bare: Model = {
    ...model,
    place: 'detail',
    selected: key,
    opened,
    ended: undefined,
    telling: false,
    recall: undefined,
    scroll: 0,
    side: { kind: 'none' },
  };
  const [first] = sidesOf(bare);
  // A worker without a question is its terminal; beside a question there must be room for it.
  const wanted = first && (!opened || isWideForSide(bare)) ? first : NONE;
  const { model: next, effects } = withSide(bare, wanted);
  return { model: revealSelected(next), effects };
}

const NONE: Side = { kind: 'none' };

/** What can stand beside the opened row, the most useful first. */
function sidesOf(model: Model): Side[] {
  const worker = openedWorker(model);
  const reference = model.opened?.reference;
  return [
    ...(reference ? [{ kind: 'reference' as const, name: reference }] : []),
    ...(worker ? [{ kind: 'terminal' as const, worker: worker.id }] : []),
  ];
}

/** The next of: what stands beside it, in turn, and nothing. */
export function nextSide(model: Model): Step {
  const sides = [...sidesOf(model), NONE];
  const at = sides.findIndex(({ kind }) => kind === model.side.kind);
  return withSide({ ...model, scroll: 0 }, sides[(at + 1) % sides.length]!);
}

export const withoutSide = (model: Model): Step => withSide(model, NONE);

function withSide(model: Model, side: Side): Step {
  const effects: Effect[] = [];
  if (side.kind === 'terminal') effects.push({ do: 'follow', worker: side.worker });
  else if (model.side.kind === 'terminal') effects.push({ do: 'follow', worker: undefined });
  if (side.kind === 'reference') effects.push(readingOf(model.opened!, side.name));
  return { model: { ...model, side }, effects };
}

const readingOf = ({ worker }: AskView, reference: string): Effect => ({ do: 'read-reference', worker, reference });
