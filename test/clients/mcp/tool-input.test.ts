/** From a verb's declaration to the arguments of a tool and back: what a client may send, and what of it reaches the verb. */
import { beforeAll, expect, test } from 'vitest';
import { inputSchema, readInput } from '../../../src/clients/mcp/tool-input.js';
import { HUMAN_TOOLS, SESSION_TOOLS, type Tool, toolName } from '../../../src/clients/mcp/tools.js';
import { VERBS } from '../../../src/contract/registry.js';
import type { Verb } from '../../../src/contract/verb.js';

const TABLES: Readonly<Record<string, Tool>> = { ...HUMAN_TOOLS, ...SESSION_TOOLS };
const verbs = new Map<string, Verb>();
beforeAll(async () => {
  for (const words of Object.keys(TABLES)) {
    const load = VERBS[words];
    if (load) verbs.set(words, (await load()).verb);
  }
});

test('each row of the tables is a verb, under a name that every client takes', () => {
  expect([...verbs.keys()]).toEqual(Object.keys(TABLES));
  for (const words of verbs.keys()) expect(toolName(words)).toMatch(/^[a-z][a-z0-9_]{0,47}$/);
});

test('a session of tend gets no verb of the human, and the human gets every verb that answers or steers', () => {
  for (const words of Object.keys(SESSION_TOOLS)) expect(verbs.get(words)?.human, words).toBeUndefined();
  expect(Object.keys(SESSION_TOOLS)).toEqual(['ask', 'told']);
  for (const [words, { hints }] of Object.entries(HUMAN_TOOLS))
    if (verbs.get(words)?.human) expect(hints.readOnlyHint, words).toBe(false);
});

test('no argument and flag of a verb want the same property, and nothing that is left out is missed', () => {
  for (const [words, verb] of verbs) {
    const tool = TABLES[words]!;
    const names = [
      ...(verb.args ?? []).map(({ name }) => name),
      ...(verb.rest && verb.rest.kind !== 'none' ? [verb.rest.name] : []),
      ...Object.keys(verb.flags ?? {}),
    ];
    const known = new Set(names);
    expect(known.size, words).toBe(names.length);
    for (const name of [...(tool.omit ?? []), ...Object.keys(tool.fixed ?? {})])
      expect(known.has(name), `${words}: ${name}`).toBe(true);
    const kept = names.filter((name) => name !== 'json' && !tool.omit?.includes(name) && !tool.fixed?.[name]);
    const { properties, required } = inputSchema(verb, tool);
    expect(Object.keys(properties).sort(), words).toEqual(kept.map((name) => name.replaceAll('-', '_')).sort());
    for (const name of required) expect(properties, words).toHaveProperty(name);
  }
});

const READS: [string, Record<string, unknown> | undefined, object][] = [
  ['state', undefined, { args: {}, flags: {}, words: [] }],
  ['wait', { only_asks: true, timeout: '2m' }, { flags: { 'only-asks': true, timeout: 120 } }],
  ['wait', { timeout: 90 }, { flags: { timeout: 90 } }],
  ['answer', { ask_id: 'a-1', text: '-' }, { args: { ask_id: 'a-1' }, body: '-', flags: { channel: 'mcp' } }],
  ['answer', { ask_id: 'a-1', text: 'yes', force: null }, { flags: { channel: 'mcp' } }],
  ['gate test', { command: 'ls | wc' }, { words: ['ls | wc'] }],
  ['journal', {}, { flags: { lines: 20 } }],
  ['journal', { lines: 3 }, { flags: { lines: 3 } }],
  ['down', {}, { flags: { timeout: 10 } }],
  ['spend', {}, { flags: { since: '7d' } }],
  [
    'worker start',
    { id: 'w', prompt: 'Work.', budget_usd: '2.50' },
    { flags: { 'budget-usd': '2.50' }, body: 'Work.' },
  ],
  ['ask', { prompt: 'Which?', options: ['a,b', 'c'] }, { flags: { options: ['a,b', 'c'], kind: 'question' } }],
];
test.each(READS)('%s takes %j', (words, given, wanted) => {
  expect(readInput(verbs.get(words)!, TABLES[words]!, given)).toMatchObject(wanted);
});

const REFUSED: [string, unknown, RegExp][] = [
  ['state', [], /no object/],
  ['state', { json: true }, /no argument "json"/],
  ['answer', { ask_id: 'a-1' }, /"text" is missing/],
  ['answer', { ask_id: 'a-1', text: 'x', channel: 'cli' }, /no argument "channel"/],
  ['answer', { ask_id: 7, text: 'x' }, /"ask_id" is 7, a text is wanted/],
  ['wait', { only_asks: 'yes' }, /true or false/],
  ['wait', { timeout: 'soon' }, /a duration such as/],
  ['wait', { timeout: {} }, /a duration such as/],
  ['journal', { lines: -1 }, /whole number/],
  ['ask', { prompt: '-' }, /the text itself/],
  ['ask', { prompt: 'Which?', kind: 'approval' }, /one of question/],
  ['ask', { prompt: 'Which?', options: 'a,b' }, /a list of texts/],
  ['ask', { worker: 'other', prompt: 'Which?' }, /no argument "worker"/],
  ['worker start', { id: 'w', prompt: 'x', command: 'sh {{prompt_file}}' }, /no argument "command"/],
];
test.each(REFUSED)('%s refuses %j', (words, given, said) => {
  expect(() => readInput(verbs.get(words)!, TABLES[words]!, given)).toThrow(said);
});
