import fc from 'fast-check';
import { expect, test } from 'vitest';
import { masked, scrubber, secretsOf } from '../../src/lib/scrub.js';

const scrub = scrubber([
  ['DEPLOY_PASSWORD', 'correct horse battery'],
  ['LONG', 'abcdefgh-and-more'],
  ['SHORT', 'abcdefgh'],
  ['TINY', 'abc'],
]);
const x = (n: number) => 'aB3'.repeat(n).slice(0, n);
// Parts are put together here so that no scanner of this repository takes them for real ones.
const TOKENS: [what: string, token: string][] = [
  ['Anthropic key', `sk-${'ant'}-api03-${x(90)}`],
  ['OpenAI key', `sk-${'proj'}-${x(48)}`],
  ['OpenAI key', `sk-${x(48)}`],
  ['OpenRouter key', `sk-${'or'}-v1-${x(64)}`],
  ['Google key', `AI${'za'}${x(35)}`],
  ['GitHub token', `gh${'p'}_${x(36)}`],
  ['GitHub token', `github_${'pat'}_${x(60)}`],
  ['GitLab token', `gl${'pat'}-${x(20)}`],
  ['Slack token', `xox${'b'}-123456789012-${x(24)}`],
  ['Slack webhook', `hooks.${'slack'}.com/services/T0000/B0000/${x(24)}`],
  ['AWS key id', `AK${'IA'}IOSFODNN7EXAMPLE`],
  ['npm token', `npm_${x(36)}`],
  ['PyPI token', `pypi-${x(40)}`],
  ['Stripe key', `sk_${'live'}_${x(24)}`],
  ['Hugging Face token', `hf_${x(34)}`],
  ['JSON web token', `ey${'J'}${x(20)}.ey${'J'}${x(30)}.${x(43)}`],
  ['private key', `-----BEGIN ${'RSA PRIVATE'} KEY-----\n${x(64)}\n${x(64)}\n-----END ${'RSA PRIVATE'} KEY-----`],
  ['private key', `-----BEGIN ${'OPENSSH PRIVATE'} KEY-----\\n${x(64)}\\n${x(40)}`],
  ['$DEPLOY_PASSWORD', 'correct horse battery'],
  ['$LONG', 'abcdefgh-and-more'],
  ['$SHORT', 'abcdefgh'],
];

test.each(TOKENS)('a %s is taken out, wherever it stands, and named by its kind alone', (what, token) => {
  for (const [before, after] of [
    ['', ''],
    ['token=', '\n'],
    ['{"key":"', '"}'],
    ["'", "' && run"],
    ['(', ')'],
  ]) {
    expect(scrub(`${before}${token}${after}`)).toBe(`${before}[secret: ${what}]${after}`);
    expect(scrub(`${before}${token}${after}`, masked)).toBe(`${before}${'*'.repeat(token.length)}${after}`);
  }
});

test.each([
  ['https://user:passw0rd@example.com/x', 'https://user:[secret: password]@example.com/x'],
  ['postgres://app:p%40ss@db:5432/app', 'postgres://app:[secret: password]@db:5432/app'],
  ['Authorization: Bearer abc.def-123456', 'Authorization: Bearer [secret: credentials]'],
  [`-H 'authorization: basic dXNlcjpwYXNz'`, `-H 'authorization: basic [secret: credentials]'`],
])('%s keeps what stands around its secret', (text, clean) => {
  expect(scrub(text)).toBe(clean);
});

test.each([
  'sk-learn and sk-ip are words',
  'abc and TINY stay: three letters are no secret that can be taken out',
  'see https://example.com:8080/path and git@github.com:me/repo.git',
  'the task-abcdefg risk-1234567890123456789012345678901234567890',
  '3f786850e387550fdab836ed7e6dc881de23001b is a commit',
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  '550e8400-e29b-41d4-a716-446655440000',
  'postgres://app:$PASSWORD@db/app',
])('%j is left as it is', (text) => {
  expect(scrub(text)).toBe(text);
});

test('repeating changes nothing, and no secret is left, in any surroundings', () => {
  const token = fc.constantFrom(...TOKENS.map(([, one]) => one));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), token, fc.string({ unit: 'binary' }), (before, secret, after) => {
      const clean = scrub(`${before} ${secret} ${after}`);
      expect(clean).not.toContain(secret);
      expect(scrub(clean)).toBe(clean);
      const stars = scrub(`${before} ${secret} ${after}`, masked);
      expect(stars).toHaveLength(before.length + secret.length + after.length + 2);
    }),
  );
});

test('variables are secrets by their name or by the list, ours and harmless values never', () => {
  const env = {
    GITHUB_TOKEN: 'abcdefgh1',
    OPENAI_API_KEY: 'abcdefgh2',
    db_password: 'abcdefgh3',
    NPM_TOKEN_FILE: '/run/token',
    SSH_AUTH_SOCK: '/tmp/agent.sock',
    PASSWORD_STORE_DIR: 'somewhere',
    TEND_TOKEN: 'a mark of ours',
    HOME: '/home/me',
    CUSTOMER: 'listed-value',
    USE_TOKEN: 'true',
  };
  expect(secretsOf(env, ['CUSTOMER']).map(([name]) => name)).toEqual([
    'GITHUB_TOKEN',
    'OPENAI_API_KEY',
    'db_password',
    'CUSTOMER',
  ]);
});
