/** Whatever an ask says, Slack takes the message, and a yes is offered only for a move that is shown whole. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerModal, askMessage, endedMessage } from '../../../src/clients/notify/slack/blocks.js';
import { escapeText, partsOf, plainText } from '../../../src/clients/notify/slack/text.js';
import type { AskView } from '../../../src/contract/views/asks.js';
import { blockProblems, viewProblems } from '../../fakes/block-kit.js';

const push = (ask: Partial<AskView>) => ({
  ask: {
    id: 'web-1',
    worker: 'web',
    prompt: 'Which day?',
    ts: 0,
    kind: 'question',
    urgency: 'normal',
    ...ask,
  } as AskView,
  step: 0,
  urgency: 'high' as const,
  ageS: 7,
  repeat: true,
});
const approval = (cmd: string): Partial<AskView> => ({
  id: 'gate-1',
  kind: 'approval',
  proposal: { move: { action: 'run_shell', cmd }, digest: 'd'.repeat(64), world: 'w', reason: 'because' },
});
const labels = (blocks: object[]): string[] =>
  blocks.flatMap((block) =>
    (block as { type: string; elements?: { text: { text: string } }[] }).type === 'actions'
      ? (block as { elements: { text: { text: string } }[] }).elements.map(({ text }) => text.text)
      : [],
  );
const preformatted = (blocks: object[]): string =>
  blocks
    .map((block) => block as { type: string; elements: { elements: { text: string }[] }[] })
    .filter(({ type }) => type === 'rich_text')
    .map(({ elements }) => elements[0]!.elements[0]!.text)
    .join('');

/** Text that is long where limits are, and made of what is markup. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc
    .tuple(fc.constantFrom('&', '<!channel> ', 'x', '界', '🙂', '`', '\u202e', ''), fc.nat(9_000))
    .map(([part, n]) => part.repeat(n)),
);

test('every question is a message that Slack takes', () => {
  fc.assert(
    fc.property(
      text,
      fc.array(text, { maxLength: 20 }),
      text,
      fc.boolean(),
      (prompt, options, reference, canAnswer) => {
        const message = askMessage(push({ prompt, options, reference }), canAnswer);
        expect(blockProblems(message.blocks)).toEqual([]);
        expect(message.text).not.toBe('');
      },
    ),
    { numRuns: 100, endOnFailure: true },
  );
});

test('every approval is one as well, and with a yes it shows all of the move', () => {
  fc.assert(
    fc.property(text, text, (prompt, cmd) => {
      const { blocks } = askMessage(push({ ...approval(cmd || 'true'), prompt }), true);
      expect(blockProblems(blocks)).toEqual([]);
      const shown = preformatted(blocks);
      if (labels(blocks).includes('Approve')) expect(shown.length).toBeGreaterThanOrEqual((cmd || 'true').length);
      else expect(shown).toBe('');
    }),
    { numRuns: 100, endOnFailure: true },
  );
});

test('windows and ended asks as well', () => {
  fc.assert(
    fc.property(text, text, (prompt, answer) => {
      for (const kind of ['write', 'no'] as const)
        expect(viewProblems(answerModal(push({ prompt }).ask, kind) as never)).toEqual([]);
      const story = {
        ...push({ prompt }).ask,
        state: 'answered' as const,
        answer,
        by: 'U0ANN',
        channel: 'slack',
        consumed: false,
        archived: false,
      };
      expect(blockProblems(endedMessage(story).blocks)).toEqual([]);
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

test('nobody is mentioned by what an ask says', () => {
  const { text: fallback, blocks } = askMessage(
    push({ prompt: '<!channel> & <@U1>', worker: '<!here>', reference: '<x|y>' }),
    true,
  );
  expect(JSON.stringify({ fallback, blocks })).not.toMatch(/<[!@]|<x/);
});

test('what cannot be seen in a command is named where the yes is given', () => {
  const { blocks } = askMessage(push(approval('rm -rf /tmp/x\u202etxt\u00a0y')), true);
  expect(preformatted(blocks)).toBe('rm -rf /tmp/x<U+202E>txt<U+00A0>y');
  expect(JSON.stringify(blocks)).toContain('d'.repeat(64));
});

test('without a way back there is nothing to press', () => {
  expect(labels(askMessage(push({ options: ['a'] }), false).blocks)).toEqual([]);
});

test.each([
  ['a &lt;b&gt; &amp;amp; c', 'a <b> &amp; c'],
  ['see <https://x.example/a|x.example> and <https://y.example>', 'see https://x.example/a and https://y.example'],
  ['<mailto:a@b.c|a@b.c>', 'a@b.c'],
  ['<@U0ANN> <#C1|ops> <!here>', '@U0ANN #ops !here'],
])('%j is read as %j', (slack, plain) => {
  expect(plainText(slack)).toBe(plain);
});

test('what was escaped is read back, and no part is longer than it may be or cut within a character', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 8, max: 50 }), (raw, max) => {
      const parts = partsOf(raw, max, escapeText);
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(max);
      expect(parts.map(plainText).join('')).toBe(raw);
    }),
  );
});
