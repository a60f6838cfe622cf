/** The screen as a state machine: a model and what happened → the next model and what is to be done. Pure. */
import { ROW_SETS } from '../../contract/views/fleet-screen.js';
import { endWords } from '../../model/worker-end.js';
import { draftOf, EDITS, EMPTY_DRAFT, insert, typeable } from './editor.js';
import { type Effect, type Event, type Step, step } from './event.js';
import { helpLines } from './help-lines.js';
import { type Command, commandOf } from './key-map.js';
import type { Key } from './key-parser.js';
import { layoutOf } from './layout.js';
import { moveIn, revealSelected } from './list.js';
import { draftKey, type Model, openedWorker, withRows } from './model.js';
import { detailCommand, withDraft } from './on-detail.js';
import { openRow, withoutSide } from './open.js';

export function update(model: Model, event: Event): Step {
  switch (event.type) {
    case 'key':
      return onKey(model, event.key);
    case 'sight':
      return onSight(model, event);
    case 'size':
      return step(revealSelected({ ...model, size: event.size }), { do: 'redraw' });
    case 'tick':
      return step({ ...model, nowTs: event.nowTs });
    case 'say':
      return step({ ...model, status: event.status });
    case 'sent':
      return onSent(model, event);
    case 'unsent':
      return onSight(
        {
          ...model,
          sending: model.sending.filter((key) => key !== event.key),
          status: { text: event.problem, tone: 'bad' },
        },
        model,
      );
    case 'ended':
      return step(model.opened?.id === event.id && model.ended !== undefined ? { ...model, ended: event.text } : model);
    case 'edited':
      return step({ ...model, drafts: { ...model.drafts, [event.key]: draftOf(typeable(event.text)) } });
    case 'reference': {
      const isShown = model.side.kind === 'reference' && model.side.name === event.name;
      const { type: _, ...side } = event;
      return step(isShown ? { ...model, side: { kind: 'reference', ...side } } : model);
    }
    case 'screen': {
      const isShown = model.side.kind === 'terminal' && model.side.worker === event.worker;
      const { type: _, ...side } = event;
      return step(isShown ? { ...model, side: { kind: 'terminal', ...side } } : model);
    }
    case 'policy':
      return step({ ...model, place: 'policy', policy: { files: event.files, selected: 0 }, scroll: 0 });
    case 'open': {
      const row = model.rows.find(({ key }) => key === `ask:${event.id}` || key === `worker:${event.id}`);
      return row ? openRow(model, row.key) : step(model);
    }
  }
}

/** News of the fleet: rows move, what is selected stays what it is, and what is open stays open. */
function onSight(model: Model, { sight }: Pick<Model, 'sight'>): Step {
  const before = model.rows.findIndex(({ key }) => key === model.selected);
  let next = withRows({ ...model, sight });
  const effects: Effect[] = [];
  if (next.place !== 'detail' && !next.rows.some(({ key }) => key === next.selected))
    next = { ...next, selected: next.rows[Math.min(Math.max(0, before), next.rows.length - 1)]?.key };
  if (next.opened) {
    const { id } = next.opened;
    const now = sight.asks.find((ask) => ask.id === id);
    if (now) next = refreshed(next, now);
    else if (next.ended === undefined && !next.sending.includes(`ask:${id}`)) {
      next = { ...next, ended: 'It is no longer pending.' };
      effects.push({ do: 'tell-end', id });
    }
  }
  return { model: revealSelected(next), effects };
}

/** An ask under our eyes whose move is another now: what was written was written to what is gone. */
function refreshed(model: Model, ask: NonNullable<Model['opened']>): Model {
  if (JSON.stringify(ask) === JSON.stringify(model.opened)) return { ...model, ended: undefined };
  const next = { ...model, opened: ask, ended: undefined };
  if (ask.proposal?.digest === model.opened?.proposal?.digest) return next;
  const { [`ask:${ask.id}`]: _, ...drafts } = model.drafts;
  return {
    ...next,
    drafts,
    scroll: 0,
    status: { text: `${ask.id} asks for another move now; read it again`, tone: 'bad' },
  };
}

function onSent(model: Model, { key, text, status }: Extract<Event, { type: 'sent' }>): Step {
  const { [key]: _, ...drafts } = model.drafts;
  const sent: Model = {
    ...model,
    drafts,
    status,
    recall: undefined,
    sending: model.sending.filter((one) => one !== key),
    history: [...model.history.filter((one) => one !== text), text].slice(-100),
  };
  const isOpen = sent.place === 'detail' && draftKey(sent) === key;
  if (!isOpen || sent.telling || !sent.opened) return step(sent);
  const back = withoutSide({ ...sent, place: 'list', opened: undefined, ended: undefined });
  return { model: revealSelected(back.model), effects: back.effects };
}

function onKey(model: Model, key: Key): Step {
  const does = key.name === 'paste' ? undefined : commandOf(model.place, key.name);
  const fresh: Model = does === 'quit' ? model : { ...model, isLeaving: false };
  if (does === undefined) return typed(fresh, key);
  switch (does) {
    case 'quit':
      return quit(fresh);
    case 'redraw':
    case 'stop':
      return step(fresh, { do: does });
    case 'help':
      return fresh.place === 'help'
        ? step({ ...fresh, place: fresh.helpFrom, scroll: 0 })
        : step({ ...fresh, place: 'help', helpFrom: fresh.place, scroll: 0 });
    default:
      return inPlace(fresh, does);
  }
}

function inPlace(model: Model, does: Command): Step {
  switch (model.place) {
    case 'list':
      return listCommand({ ...model, status: undefined }, does);
    case 'filter':
      return filterCommand(model, does);
    case 'detail':
      return detailCommand({ ...model, status: undefined }, does);
    case 'policy':
      return policyCommand(model, does);
    case 'help':
      return does === 'back' ? step({ ...model, place: model.helpFrom, scroll: 0 }) : step(scrolled(model, does));
  }
}

/** What is written and not sent is named once before it is lost. */
function quit(model: Model): Step {
  const unsent = Object.entries(model.drafts).filter(([, draft]) => draft.text.trim() !== '');
  if (unsent.length === 0 || model.isLeaving) return step(model, { do: 'quit' });
  const names = unsent.map(([key]) => key.replace(/^(?:ask|tell):/, '')).join(', ');
  const text = `written and not sent: ${names}; ${model.place === 'list' ? 'the same key' : 'Ctrl-C'} again leaves without it`;
  return step({ ...model, isLeaving: true, status: { text, tone: 'bad' } });
}

function typed(model: Model, { text }: Key): Step {
  const clean = text === undefined ? '' : typeable(text);
  if (clean === '') return step(model);
  if (model.place === 'filter') return searching(model, insert(model.search, clean.replace(/\n/g, ' ')));
  if (model.place !== 'detail') return step(model);
  const worker = openedWorker(model);
  if (draftKey(model) === undefined && worker)
    return step({
      ...model,
      status: { text: `worker "${worker.id}" ${endWords(worker.state)}: there is nobody to steer`, tone: 'bad' },
    });
  return step(withDraft({ ...model, status: undefined, recall: undefined }, (draft) => insert(draft, clean)));
}

function listCommand(model: Model, does: Command): Step {
  switch (does) {
    case 'open':
      return model.selected === undefined ? step(model) : openRow(model, model.selected);
    case 'filter':
      return step({ ...model, place: 'filter', search: draftOf(model.filter.text) });
    case 'clear-filter':
      return searching({ ...model, place: 'list' }, EMPTY_DRAFT);
    case 'next-set': {
      const set = ROW_SETS[(ROW_SETS.indexOf(model.filter.set) + 1) % ROW_SETS.length]!;
      return step(refiltered({ ...model, filter: { ...model.filter, set } }));
    }
    case 'toggle-ended':
      return step(refiltered({ ...model, filter: { ...model.filter, ended: !model.filter.ended } }));
    case 'policy':
      return step(model, { do: 'list-policy' });
    case 'start-pulse':
      return step({ ...model, status: { text: 'starting the pulse …', tone: 'plain' } }, { do: 'start-pulse' });
    default:
      return step(moveIn(model, does));
  }
}

function filterCommand(model: Model, does: Command): Step {
  if (does === 'open') return step({ ...model, place: 'list' });
  if (does === 'clear-filter') return searching({ ...model, place: 'list' }, EMPTY_DRAFT);
  return searching(model, EDITS[does]?.(model.search, model.size.columns) ?? model.search);
}

const searching = (model: Model, search: Model['search']): Step =>
  step(refiltered({ ...model, search, filter: { ...model.filter, text: search.text } }));

/** Other rows: what was selected stays so while it is among them. */
function refiltered(model: Model): Model {
  const next = withRows(model);
  const isThere = next.rows.some(({ key }) => key === next.selected);
  return revealSelected(isThere ? next : { ...next, selected: next.rows[0]?.key, top: 0 });
}

function policyCommand(model: Model, does: Command): Step {
  const { policy } = model;
  if (!policy || does === 'back') return step({ ...model, place: 'list', policy: undefined });
  const page = Math.max(1, layoutOf(model).whole?.height ?? 1);
  const by: Partial<Record<Command, number>> = {
    'row-next': 1,
    'row-previous': -1,
    'page-next': page,
    'page-previous': -page,
    'row-first': -policy.files.length,
    'row-last': policy.files.length,
  };
  if (does === 'open') {
    const file = policy.files[policy.selected];
    return file ? step(model, { do: 'edit-policy', name: file.name }) : step(model);
  }
  const selected = Math.min(Math.max(0, policy.selected + (by[does] ?? 0)), Math.max(0, policy.files.length - 1));
  return step({ ...model, policy: { ...policy, selected } });
}

function scrolled(model: Model, does: Command): Model {
  const by = does === 'scroll-down' ? 1 : does === 'scroll-up' ? -1 : 0;
  const { width, height } = layoutOf(model).whole!;
  // Not past the last page: the way back would begin with keys that do nothing.
  const most = Math.max(0, helpLines(width).length - height);
  return { ...model, scroll: Math.min(Math.max(0, Math.min(model.scroll, most) + by * 5), most) };
}
