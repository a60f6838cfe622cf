import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDecisionFile, readMessage } from '../../src/decide/read-move.js';
import { ACTIONS } from '../../src/model/move.js';

const noop = '{"action":"noop","reason":"r"}';

function summary(read: ReturnType<typeof readMessage>): string {
  return read.state === 'move' ? read.decided.move.action : `${read.code}: ${read.problems.join('; ')}`;
}

test.each([
  ['the JSON alone', noop, 'noop'],
  ['white space and a byte order mark around it', `\ufeff\n ${noop}\n\n`, 'noop'],
  ['one code fence', `\`\`\`json\n${noop}\n\`\`\``, 'noop'],
  ['a fence without info string', `\`\`\`\n${noop}\n\`\`\`\n`, 'noop'],
  ['prose before and after', `I looked at it.\n${noop}\nDone.`, 'noop'],
  ['prose with stray braces and quotes', `Use {foo and "bar" } or {x: 1}. It's this:\n${noop}`, 'noop'],
  ['a fenced block in prose', `Here:\n\`\`\`json\n${noop}\n\`\`\`\nThat is all.`, 'noop'],
  ['other JSON objects beside it', `{"thought":"a"} then ${noop}`, 'noop'],
  [
    'an object inside another is not a decision of its own',
    `{"action":"noop","reason":"{\\"action\\":\\"run_shell\\"}"}`,
    'noop',
  ],
  ['an answer that was held to a schema', `{"move":{"action":"noop","reason":null,"journal":null}}`, 'noop'],
  ['the same in prose', `Here it is: {"move":${noop}}.`, 'noop'],
  ['the same decision twice', `${noop}\nI repeat: {"reason":"r","action":"noop"}`, 'noop'],
  ['braces and escapes inside strings', String.raw`x {"action":"run_shell","cmd":"echo \"}{\" \\"} y`, 'run_shell'],
])('%s is read', (_, text, action) => {
  expect(summary(readMessage(text))).toBe(action);
});

test.each([
  [
    'two different decisions',
    `${noop}\n{"action":"archive_goal","id":"a"}`,
    /^ambiguous-decision: .*2 different decisions \("noop", "archive_goal"\)/,
  ],
  ['nothing', '  \n', /^no-decision: the message is empty/],
  ['prose alone', 'I would do nothing.', /^no-decision: the message has no JSON object with an "action"$/],
  ['broken JSON', '{"action":"noop",}', /^no-decision: .*JSON/],
  ['an array', `[${'1'}]`, /^no-decision: .*no object/],
  ['an object without action', '{"result":1}', /^bad-decision: action: missing, expected one of noop/],
  ['an unknown action', '{"action":"merge"}', /^bad-decision: action: unknown "merge"/],
  ['a missing field', '{"action":"run_shell"}', /^bad-decision: cmd: missing, expected string$/],
  ['an unsafe id', '{"action":"archive_goal","id":"../x"}', /^bad-decision: id: it contains ".."$/],
  ['the form of a schema around no decision', '{"move":{"reason":"r"}}', /^bad-decision: action: missing/],
  ['a word that is null and wanted', '{"move":{"action":"run_shell","cmd":null}}', /^bad-decision: cmd: missing/],
  ['a decision hidden in another object only', '{"result":{"action":"noop"}}', /^bad-decision: action: missing/],
])('%s is refused with its reason', (_, text, problem) => {
  expect(summary(readMessage(text))).toMatch(problem);
});

test('every action is known and a missing field names itself', () => {
  for (const action of ACTIONS) {
    const said = summary(readMessage(JSON.stringify({ action })));
    expect(said === 'noop' || /^bad-decision: (id|name|cmd|body|script|prompt|message|record): /.test(said)).toBe(true);
  }
});

test('the decision file takes no prose: a half-written thought is not a move', () => {
  expect(summary(readDecisionFile(noop))).toBe('noop');
  expect(summary(readDecisionFile(`\`\`\`\n${noop}\n\`\`\``))).toBe('noop');
  expect(summary(readDecisionFile(`so: ${noop}`))).toMatch(
    /^bad-decision: the decision file must hold one JSON object/,
  );
  expect(summary(readDecisionFile(''))).toMatch(/it is empty/);
});

test('millions of unbalanced braces end in a refusal, not in a hang', () => {
  expect(summary(readMessage('{"a":'.repeat(400_000)))).toMatch(/^no-decision/);
  expect(summary(readMessage('{'.repeat(2_000_000)))).toMatch(/^no-decision/);
});

test('any move survives prose without braces around it, and reading never throws', () => {
  const prose = fc.string().map((text) => text.replace(/[{}]/g, ''));
  fc.assert(
    fc.property(prose, fc.string({ minLength: 1 }), prose, (before, reason, after) => {
      const text = `${before}\n${JSON.stringify({ action: 'noop', reason: reason.slice(0, 100) })}\n${after}`;
      const read = readMessage(text);
      expect(read.state === 'move' && read.decided.move).toEqual({ action: 'noop', reason: reason.slice(0, 100) });
    }),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '"', '\\', 'a', ':', ',', '\n', '`') }),
      (text) => void readMessage(text),
    ),
  );
});
