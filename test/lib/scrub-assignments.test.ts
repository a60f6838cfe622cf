import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scrubAssignments } from '../../src/lib/scrub-assignments.js';

const scrub = (text: string): string => scrubAssignments(text, () => '[SCRUBBED]');
const SECRET = 'q7Rk2mXw9Zt4Lp8v';

test.each([
  ['DEPLOY_TOKEN=#', 'DEPLOY_TOKEN=!'],
  ['api_key = #', 'api_key = !'],
  ['password: #', 'password: !'],
  ['secretKeyBase="#"', 'secretKeyBase="!"'],
  [`export DB_PASSWORD='#' && run`, `export DB_PASSWORD='!' && run`],
  ['?access_token=#&page=2', '?access_token=!&page=2'],
  ['{"apiKey":"#","n":1}', '{"apiKey":"!","n":1}'],
  ['{"text":"token=#"}', '{"text":"token=!"}'],
  [String.raw`{"log":"{\"client_secret\": \"#\"}"}`, String.raw`{"log":"{\"client_secret\": \"!\"}"}`],
  ['{"tokens":["a"],"token":"#"}', '{"tokens":["a"],"token":"!"}'],
  ['SECRET_KEY2=# TOKEN=#', 'SECRET_KEY2=! TOKEN=!'],
])('%s keeps everything but its value', (text, clean) => {
  expect(scrub(text.replaceAll('#', SECRET))).toBe(clean.replaceAll('!', '[SCRUBBED]'));
});

test.each([
  `{"idempotencyKey":"${SECRET}","idempotency_key":"${SECRET}"}`,
  `idempotencyKey=${SECRET}`,
  'token=short',
  'token=aaaaaaaaaaaaaaaaaaaaaaaa',
  '{"input_tokens": 123456789012345678, "output_tokens": 98765432109876}',
  'keyFile=/home/me/.ssh/id_ed25519_key',
  'TOKEN=$THE_OTHER_VARIABLE_X',
  'token=https://example.com/where/to/get/one',
  '{"apiKeySource":"ANTHROPIC_API_KEY"}',
  'tokenizer=sentencepiece-unigram-32k',
  'KEYBOARD_LAYOUT=us-intl-altgr-1987x',
  'the key is: under the doormat, as always',
])('%s is left as it is', (text) => {
  expect(scrub(text)).toBe(text);
});

const names = fc.constantFrom('token', 'apiKey', 'password', 'idempotencyKey', 'note', 'secret_2', 'x');
const secretish = fc.oneof(fc.string({ maxLength: 60 }), fc.base64String({ minLength: 12, maxLength: 60 }));
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    secretish,
    fc.integer(),
    fc.constant(null),
    tie('list'),
    tie('record'),
    tie('nested'),
  ),
  list: fc.array(tie('any'), { maxLength: 4 }),
  record: fc.dictionary(names, tie('any'), { maxKeys: 4 }),
  // JSON as text within JSON, as logs of agents hold it.
  nested: tie('record').map((record) => JSON.stringify(record)),
})).any;

test('JSON stays JSON, in every depth, with the same names and no change of what is not text; twice is once', () => {
  fc.assert(
    fc.property(value, (before) => {
      const text = scrub(JSON.stringify(before));
      expect(shape(JSON.parse(text))).toEqual(shape(before));
      expect(scrub(text)).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

/** The value with every text that is not JSON itself as `text`, and idempotency keys as they are. */
function shape(it: unknown, name = ''): unknown {
  if (Array.isArray(it)) return it.map((one) => shape(one));
  if (typeof it === 'object' && it !== null)
    return Object.fromEntries(Object.entries(it).map(([key, one]) => [key, shape(one, key)]));
  if (typeof it !== 'string') return it;
  const text = name === 'idempotencyKey' ? it : 'text';
  try {
    const inner: unknown = JSON.parse(it);
    return typeof inner === 'object' ? shape(inner) : text;
  } catch {
    return text;
  }
}

test.each([
  ['base64', 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo'],
  ['telling words', 'key'],
  ['telling words with names', 'token_password-'],
  ['quotes and blanks', `token  \\"  `],
  ['assignments', 'token=ab'],
])('256 KiB of %s on one line is read in a time that grows with its length alone [loops 121]', (_, piece) => {
  // Of two lengths, so that no machine's speed decides: a quadratic scan of 64 times the text would be a hang here.
  const long = piece.repeat((64 * 262_144) / piece.length);
  const clean = scrub(long);
  expect(clean.length).toBeGreaterThan(0);
  expect(scrub(clean.slice(0, 262_144)).length).toBeGreaterThan(0);
});
