/** Moving in the list. The selection is a key; the view follows it just as far as it must. Pure. */
import type { Command } from './key-map.js';
import { layoutOf } from './layout.js';
import type { Model } from './model.js';

/** Rows that the list shows at once: the first is its head. */
export const listRows = (model: Model): number =>
  Math.max(1, (layoutOf(model).list?.height ?? model.size.rows - 2) - 1);

export function moveIn(model: Model, does: Command): Model {
  const page = listRows(model);
  const by: Partial<Record<Command, number>> = {
    'row-next': 1,
    'row-previous': -1,
    'page-next': page,
    'page-previous': -page,
    'row-first': -model.rows.length,
    'row-last': model.rows.length,
  };
  return select(model, by[does] ?? 0);
}

/** The row `by` further than the selected one, clamped. */
export function select(model: Model, by: number): Model {
  const from = model.rows.findIndex(({ key }) => key === model.selected);
  const to = Math.min(Math.max(0, from < 0 ? 0 : from + by), model.rows.length - 1);
  return revealSelected({ ...model, selected: model.rows[to]?.key });
}

/** Moves the view so far that the selected row is in it, and not behind the end of the rows. */
export function revealSelected(model: Model): Model {
  const shown = listRows(model);
  const at = model.rows.findIndex(({ key }) => key === model.selected);
  const most = Math.max(0, model.rows.length - shown);
  let top = Math.min(model.top, most);
  if (at >= 0) top = Math.min(Math.max(top, at - shown + 1), at);
  return top === model.top ? model : { ...model, top };
}
