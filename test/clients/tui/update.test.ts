/** The screen as a state machine: what each key does where, and that nothing written or chosen ever lands on another row. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EDITS } from '../../../src/clients/tui/editor.js';
import type { Effect, Event } from '../../../src/clients/tui/event.js';
import { helpLines } from '../../../src/clients/tui/help-lines.js';
import { commandOf, KEY_MAP, keyName } from '../../../src/clients/tui/key-map.js';
import { createKeyParser } from '../../../src/clients/tui/key-parser.js';
import { layoutOf } from '../../../src/clients/tui/layout.js';
import { draftIn, firstModel, type Model } from '../../../src/clients/tui/model.js';
import { update } from '../../../src/clients/tui/update.js';
import type { AskView } from '../../../src/contract/views/asks.js';
import type { FleetSight, FleetWorker } from '../../../src/contract/views/fleet-screen.js';

const ask = (id: string, more: Partial<AskView> = {}): AskView => ({
  id,
  worker: id.replace(/-\d+$/, ''),
  prompt: `prompt of ${id}`,
  ts: 1_000,
  kind: 'question',
  urgency: 'normal',
  ...more,
});
const gate = (id: string, digest = 'd1'): AskView =>
  ask(id, { kind: 'approval', proposal: { move: { action: 'run_shell', cmd: 'rm x' }, digest, world: 'w' } });
const worker = (id: string, more: Partial<FleetWorker> = {}): FleetWorker => ({
  id,
  state: 'running',
  alive: true,
  exitCode: null,
  health: 'busy',
  verify: null,
  pendingTells: 0,
  quietSinceTs: null,
  startedTs: 900,
  ...more,
});
const sight = (asks: readonly AskView[], workers: readonly FleetWorker[] = []): FleetSight => ({
  asks,
  workers,
  pulse: { state: 'alive', startedTs: 1 },
  problems: [],
});

/** A model to which things happen; effects are gathered. */
function screen(first: FleetSight, size = { columns: 80, rows: 24 }) {
  let model: Model = firstModel({ size, colour: true, nowTs: 2_000 });
  const done: Effect[] = [];
  const happen = (event: Event) => {
    const step = update(model, event);
    model = step.model;
    done.push(...step.effects);
  };
  happen({ type: 'sight', sight: first });
  return {
    model: () => model,
    done: () => done.splice(0),
    happen,
    type(text: string) {
      const parser = createKeyParser();
      for (const key of [...parser.push(text), ...parser.flush()]) happen({ type: 'key', key });
    },
    see: (next: FleetSight) => happen({ type: 'sight', sight: next }),
  };
}
const ENTER = '\r';
const ESC = '\u001b';

test.each([40, 60, 100, 250])('help says all of its words on %i columns', (width) => {
  const lines = helpLines(width).map((line) => line.map(({ text }) => text).join(''));
  expect(lines.filter((line) => [...line].length > width)).toEqual([]);
  const words = lines.join(' ').replace(/\s+/g, ' ');
  const abouts = KEY_MAP.flatMap(({ about }) => (about === undefined ? [] : about.split(' ')));
  expect(abouts.filter((word) => !words.includes(word))).toEqual([]);
});

test('help is read on to its last page and no further: the first key back goes back', () => {
  const at = screen(sight([ask('web-1')]), { columns: 60, rows: 15 });
  at.type('?');
  for (let n = 0; n < 40; n += 1) at.type('j');
  const last = at.model().scroll;
  expect(last).toBe(helpLines(60).length - 13);
  at.type('k');
  expect(at.model().scroll).toBe(last - 5);
  at.happen({ type: 'size', size: { columns: 60, rows: 200 } });
  at.type('j');
  expect(at.model().scroll).toBe(0);
});

test('no key means two things in one place, every command is one, and help names every key that it is about', () => {
  const seen = KEY_MAP.flatMap((binding) => binding.keys.map((key) => `${binding.in} ${key}`));
  expect(seen.filter((one, at) => seen.indexOf(one) !== at)).toEqual([]);
  const everywhere = KEY_MAP.filter(({ in: place }) => place === 'anywhere').flatMap(({ keys }) => keys);
  for (const key of everywhere) expect(seen.filter((one) => one.endsWith(` ${key}`))).toEqual([`anywhere ${key}`]);
  expect(Object.keys(EDITS).filter((edit) => !KEY_MAP.some(({ does }) => does === edit))).toEqual([]);
  const help = helpLines(100).map((line) => line.map(({ text }) => text).join(''));
  for (const { keys, about } of KEY_MAP)
    if (about !== undefined)
      expect(help.some((line) => line.includes(about) && line.includes(keyName(keys[0]!)))).toBe(true);
  expect(keyName('ctrl-alt-left')).toBe('Ctrl-Alt-←');
  expect(commandOf('detail', 'q')).toBeUndefined();
});

test('the selection is a row, not a place: rows that come and go leave it where it is', () => {
  const s = screen(sight([ask('a-1'), ask('b-1'), ask('c-1')]));
  s.type('j');
  expect(s.model().selected).toBe('ask:b-1');
  s.see(sight([ask('zero-1'), ask('a-1'), ask('b-1'), ask('c-1')]));
  expect(s.model().selected).toBe('ask:b-1');
  s.see(sight([ask('c-1')]));
  expect(s.model().rows.map(({ key }) => key)).toContain(s.model().selected);
});

test('what is sent names the ask that was open and what was shown, whatever came meanwhile', () => {
  const s = screen(sight([ask('a-1'), ask('b-1')]));
  s.type(`${ENTER}yes`);
  s.see(sight([ask('b-1'), ask('a-1', { ts: 3_000 })]));
  s.type(ENTER);
  expect(s.done().filter(({ do: what }) => what === 'answer')).toMatchObject([
    { key: 'ask:a-1', text: 'yes', shown: { id: 'a-1' } },
  ]);
  // It is on its way: a second Enter sends nothing, and no key changes it.
  s.type(`${ENTER}x`);
  expect(s.done()).toEqual([]);
  expect(draftIn(s.model()).text).toBe('yes');
  s.happen({ type: 'unsent', key: 'ask:a-1', problem: 'the disk is full' });
  expect(s.model().status).toEqual({ text: 'the disk is full', tone: 'bad' });
  expect(draftIn(s.model()).text).toBe('yes');
  s.type(ENTER);
  s.happen({ type: 'sent', key: 'ask:a-1', text: 'yes', status: { text: 'answered', tone: 'good' } });
  expect(s.model()).toMatchObject({ place: 'list', drafts: {}, history: ['yes'] });
});

test('an ask that ends elsewhere keeps what was written, takes no answer, and asks how it ended', () => {
  const s = screen(sight([ask('a-1'), ask('b-1')]));
  s.type(`${ENTER}half`);
  s.see(sight([ask('b-1')]));
  expect(s.done()).toContainEqual({ do: 'tell-end', id: 'a-1' });
  s.happen({ type: 'ended', id: 'a-1', text: 'It was answered by ann' });
  expect(s.model().ended).toBe('It was answered by ann');
  s.type(ENTER);
  expect(s.done()).toEqual([]);
  expect(draftIn(s.model()).text).toBe('half');
  s.type(ESC);
  expect(s.model().selected).toBe('ask:b-1');
  s.type(ENTER);
  expect(draftIn(s.model()).text).toBe('');
});

test('our own answer that is seen before it is reported is no end elsewhere', () => {
  const s = screen(sight([ask('a-1'), ask('b-1')]));
  s.type(`${ENTER}x${ENTER}`);
  s.see(sight([ask('b-1')]));
  expect(s.done().map(({ do: what }) => what)).not.toContain('tell-end');
  s.happen({ type: 'unsent', key: 'ask:a-1', problem: 'already answered' });
  expect(s.done()).toEqual([{ do: 'tell-end', id: 'a-1' }]);
});

test.each([
  ['yes', 'yes'],
  ['YES ', 'YES '],
  ['no, not today', 'no, not today'],
  ['y', undefined],
  ['ok', undefined],
  ['yes please', undefined],
  ['', undefined],
])('an approval and %j: %j', (typed, sent) => {
  const s = screen(sight([gate('gate-1')]));
  s.type(`${ENTER}${typed}${ENTER}`);
  expect(s.done().flatMap((effect) => (effect.do === 'answer' ? [effect.text] : []))).toEqual(
    sent === undefined ? [] : [sent],
  );
});

test('a pasted yes with its newline releases nothing', () => {
  const s = screen(sight([gate('gate-1')]));
  s.type(`${ENTER}${ESC}[200~yes\n${ESC}[201~`);
  expect(s.done()).toEqual([]);
});

test('an approval whose move changes under the eyes forgets the yes that was typed to the move before', () => {
  const s = screen(sight([gate('gate-1')]));
  s.type(`${ENTER}yes`);
  s.see(sight([gate('gate-1', 'd2')]));
  s.type(ENTER);
  expect(s.done()).toEqual([]);
  expect(s.model().drafts).toEqual({});
});

test('Ctrl-T steers the worker instead, with a draft of its own; a dead one cannot be steered', () => {
  const s = screen(sight([ask('a-1')], [worker('a')]));
  s.type(`${ENTER}answer\u0014tell it${ENTER}`);
  expect(s.done()).toContainEqual({ do: 'tell', key: 'tell:a', worker: 'a', text: 'tell it' });
  s.type('\u0014');
  expect(draftIn(s.model()).text).toBe('answer');
  s.see(sight([ask('a-1')], [worker('a', { alive: false, state: 'exited' })]));
  s.type('\u0014');
  expect(s.model()).toMatchObject({ telling: false, status: { tone: 'bad' } });
});

test('leaving with something written takes two', () => {
  const s = screen(sight([ask('a-1')]));
  s.type(`${ENTER}x\u0003`);
  expect(s.done()).toEqual([]);
  s.type('\u0003');
  expect(s.done()).toEqual([{ do: 'quit' }]);
});

test('any keys, news and sizes: drafts stay where they were written, and the parts of the screen tile it', () => {
  const ids = ['a-1', 'b-1', 'gate-1', 'c-1'];
  const event = fc.oneof(
    fc
      .constantFrom(...KEY_MAP.flatMap(({ keys }) => keys), 'x', '1', 'yes')
      .map((name): Event => ({ type: 'key', key: name.length === 1 ? { name, text: name } : { name } })),
    fc.subarray(ids).map(
      (some): Event => ({
        type: 'sight',
        sight: sight(
          some.map((id) => (id === 'gate-1' ? gate(id) : ask(id))),
          [worker('a'), worker('b', { alive: false, state: 'exited' })],
        ),
      }),
    ),
    fc
      .record({ columns: fc.integer({ min: 1, max: 260 }), rows: fc.integer({ min: 1, max: 70 }) })
      .map((size): Event => ({ type: 'size', size })),
    fc
      .constantFrom(...ids)
      .map((id): Event => ({ type: 'sent', key: `ask:${id}`, text: 'x', status: { text: 'ok', tone: 'good' } })),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const s = screen(
        sight(
          ids.map((id) => ask(id)),
          [worker('a')],
        ),
      );
      for (const one of events) {
        const before = s.model();
        const open = before.opened?.id;
        s.happen(one);
        for (const effect of s.done())
          if (effect.do === 'answer') expect(effect).toMatchObject({ key: `ask:${open}`, shown: { id: open } });
        // A key changes no draft but that of what was open.
        if (one.type === 'key')
          for (const [key, draft] of Object.entries(s.model().drafts))
            if (
              key !== `ask:${open}` &&
              key !== `tell:${before.opened?.worker ?? before.selected?.slice('worker:'.length)}`
            )
              expect(draft).toEqual(before.drafts[key]);
        expectTiled(s.model());
      }
    }),
    { numRuns: 150 },
  );
});

function expectTiled(model: Model): void {
  const { columns, rows } = model.size;
  const cells = new Uint8Array(columns * rows);
  for (const rect of Object.values(layoutOf(model)))
    for (let y = rect.y; y < rect.y + rect.height; y++)
      for (let x = rect.x; x < rect.x + rect.width; x++) cells[y * columns + x]! += 1;
  expect(
    cells.every((times) => times === 1),
    JSON.stringify({ size: model.size, layout: layoutOf(model) }),
  ).toBe(true);
}
