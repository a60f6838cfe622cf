/** Keys in the opened row: reading, writing, sending. What is sent goes to the one that was open when it was written. Pure. */
import { isApproval } from '../../contract/views/fleet-screen.js';
import { readVerdict } from '../../model/ask.js';
import { endWords } from '../../model/worker-end.js';
import { type Draft, draftOf, EDITS } from './editor.js';
import { type Step, step } from './event.js';
import type { Command } from './key-map.js';
import { editorWidth, layoutOf } from './layout.js';
import { revealSelected, select } from './list.js';
import { draftIn, draftKey, type Model, openedWorker, type Status } from './model.js';
import { nextSide, openRow, withoutSide } from './open.js';
import { readLines } from './read-lines.js';
import { sideLines } from './side-lines.js';

export function detailCommand(model: Model, does: Command): Step {
  switch (does) {
    case 'back': {
      const back = withoutSide({ ...model, place: 'list', opened: undefined, ended: undefined, telling: false });
      return { model: revealSelected(isGone(back.model) ? select(back.model, 0) : back.model), effects: back.effects };
    }
    case 'ask-next':
      return toNeighbour(model, 1);
    case 'ask-previous':
      return toNeighbour(model, -1);
    case 'send':
      return send(model);
    case 'deny':
      return step(
        withDraft(model, ({ text }) => (readVerdict(text)?.yes === false ? draftOf(text) : draftOf(`no, ${text}`))),
      );
    case 'edit': {
      const key = draftKey(model);
      return key === undefined ? step(model) : step(model, { do: 'edit-draft', key, text: draftIn(model).text });
    }
    case 'tell':
      return toggleTelling(model);
    case 'side':
      return nextSide(model);
    case 'attach': {
      const worker = openedWorker(model);
      return worker?.alive
        ? step(model, { do: 'attach', worker: worker.id })
        : step(says(model, 'there is no living worker to attach to'));
    }
    case 'older':
      return step(recalled(model, 1));
    case 'newer':
      return step(recalled(model, -1));
    default:
      return step(does.startsWith('scroll-') ? scrolled(model, does) : edited(model, does));
  }
}

const isGone = (model: Model): boolean => !model.rows.some(({ key }) => key === model.selected);
const says = (model: Model, text: string, tone: Status['tone'] = 'bad'): Model => ({
  ...model,
  status: { text, tone },
});

/** The row beside the opened one; from a row that is gone, the first. */
function toNeighbour(model: Model, by: number): Step {
  const key = select(model, by).selected;
  return key === undefined ? step(model) : openRow(model, key);
}

function toggleTelling(model: Model): Step {
  const worker = openedWorker(model);
  if (!model.opened) return step(model);
  if (!model.telling && !worker?.alive)
    return step(
      says(
        model,
        worker
          ? `worker "${worker.id}" ${endWords(worker.state)}: there is nobody to steer`
          : `"${model.opened.worker}" is no worker: there is nobody to steer`,
      ),
    );
  return step({ ...model, telling: !model.telling, recall: undefined });
}

/** Changes the draft of what is open, and no other; while it is on its way it stays as it was sent. */
export function withDraft(model: Model, change: (draft: Draft) => Draft | undefined): Model {
  const key = draftKey(model);
  if (key === undefined || model.sending.includes(key)) return model;
  const after = change(draftIn(model));
  return after === undefined ? model : { ...model, drafts: { ...model.drafts, [key]: after } };
}

function edited(model: Model, does: Command): Model {
  const edit = EDITS[does];
  if (!edit) return model;
  const width = editorWidth(model);
  const after = edit(draftIn(model), width);
  if (after) {
    const isMove = after.text === draftIn(model).text;
    return withDraft({ ...model, ...(isMove ? {} : { recall: undefined }) }, () => after);
  }
  if (does === 'row-up') return recalled(model, 1);
  return does === 'row-down' ? recalled(model, -1) : model;
}

/** What was sent before takes the draft's place, and the draft comes back at the end of the way back. */
function recalled(model: Model, by: 1 | -1): Model {
  const draft = model.recall?.draft ?? draftIn(model);
  const back = (model.recall?.back ?? 0) + by;
  if (back < 0 || back > model.history.length) return model;
  const text = model.history[model.history.length - back];
  return withDraft({ ...model, recall: back === 0 ? undefined : { back, draft } }, () =>
    text === undefined ? draft : draftOf(text),
  );
}

function scrolled(model: Model, does: Command): Model {
  const { read, side } = layoutOf(model);
  const shown = read ?? side;
  if (!shown) return model;
  const lines = read ? readLines(model, read.width - 1) : sideLines(model.side, shown.width - 1);
  const most = Math.max(0, lines.length - shown.height + (read ? 0 : 1));
  const page = Math.max(1, shown.height - 1);
  const by: Partial<Record<Command, number>> = {
    'scroll-down': page,
    'scroll-up': -page,
    'scroll-top': -most,
    'scroll-bottom': most,
  };
  const from = Math.min(model.scroll, most);
  return { ...model, scroll: Math.min(Math.max(0, from + (by[does] ?? 0)), most) };
}

function send(model: Model): Step {
  const key = draftKey(model);
  const { text } = draftIn(model);
  if (key === undefined || model.sending.includes(key)) return step(model);
  const worker = openedWorker(model);
  if (model.telling || !model.opened) {
    if (text.trim() === '') return step(says(model, 'nothing is written yet'));
    return worker ? step(sending(model, key), { do: 'tell', key, worker: worker.id, text }) : step(model);
  }
  const ask = model.opened;
  if (model.ended !== undefined)
    return step(says(model, `${ask.id} is no longer pending; what you have written is kept here`));
  if (text.trim() === '')
    return step(says(model, isApproval(ask) ? 'type yes, or no and your reason' : 'nothing is written yet'));
  const problem = isApproval(ask) ? approvalProblem(text) : undefined;
  if (problem) return step(says(model, problem));
  return step(sending(model, key), { do: 'answer', key, text, shown: ask });
}

/** A yes is typed in full: one key too many must not be one. */
function approvalProblem(text: string): string | undefined {
  const verdict = readVerdict(text);
  if (verdict && !verdict.yes) return undefined;
  if (text.trim().toLowerCase() === 'yes') return undefined;
  return verdict ? 'to run exactly this type yes in full' : 'an approval takes yes, or no and your reason (Ctrl-X)';
}

const sending = (model: Model, key: string): Model => ({
  ...model,
  sending: [...model.sending, key],
  status: { text: 'sending …', tone: 'plain' },
});
