import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newUser, type User } from './user.js';

let user: User;
beforeEach(() => {
  user = newUser();
});
afterEach(() => user.leave());

const ALPHABET = 'aB3x9Qz7Lk2WmR5tY8pD';
const x = (n: number) => ALPHABET.repeat(n).slice(0, n);
// Put together here so that no scanner of this repository takes them for real ones.
const SECRETS: readonly (readonly [printed: string, secret: string])[] = [
  ...[
    `sk-${'ant'}-api03-${x(90)}`,
    `sk-${'proj'}-${x(48)}`,
    `AK${'IA'}IOSFODNN7EXAMPLE`,
    `gh${'p'}_${x(36)}`,
    `github_${'pat'}_${x(60)}`,
    `xox${'b'}-123456789012-${x(24)}`,
    `ey${'J'}${x(20)}.ey${'J'}${x(30)}.${x(43)}`,
  ].map((one) => [one, one] as const),
  [`Authorization: Bearer ${x(30)}`, x(30)],
  [`authorization: basic ${x(24)}`, x(24)],
  [`-----BEGIN ${'RSA PRIVATE'} KEY-----\n${x(64)}\n-----END ${'RSA PRIVATE'} KEY-----`, x(64)],
  ['DEPLOY_SECRET = q7Rk2mXw9Zt4Lp8v', 'q7Rk2mXw9Zt4Lp8v'],
  ['own: correct horse battery', 'correct horse battery'],
  ['listed: of no telling name', 'of no telling name'],
];
const OWN = { OWN_TOKEN: 'correct horse battery', HARMLESS: 'of no telling name' };

test('no secret of any shape is in stdout, stderr or the beginning that is kept; idempotency keys are [loops 120]', async () => {
  writeFileSync(join(user.root, 'config.json'), '{"secrets":["HARMLESS"]}');
  writeFileSync(
    join(user.home, 'secrets'),
    `${SECRETS.map(([printed]) => printed).join('\n')}\n"idempotencyKey":"${x(30)}"\n`,
  );
  const told = await user.shell('cat secrets; cat secrets >&2; yes filler | head -c 300000; echo; cat secrets', {
    env: OWN,
  });
  expect(told.status).toBe('succeeded');
  for (const text of [told.stdout, told.stderr, told.head ?? '']) {
    expect(text).toContain(`"idempotencyKey":"${x(30)}"`);
    expect(text.split('[SCRUBBED]')).toHaveLength(SECRETS.length + 1);
    const rest = text.replaceAll(`"idempotencyKey":"${x(30)}"`, '');
    for (const [, secret] of SECRETS) expect(rest).not.toContain(secret);
  }
});

test('JSON that a command prints is JSON afterwards, with the same fields', async () => {
  const json = {
    ok: true,
    n: 1,
    apiKey: x(20),
    nested: { log: `token=${x(20)}\nnext`, list: [`sk-${'ant'}-api03-${x(30)}`] },
  };
  writeFileSync(join(user.home, 'out'), JSON.stringify(json));
  const { stdout } = await user.shell('cat out');
  expect(JSON.parse(stdout)).toEqual({
    ok: true,
    n: 1,
    apiKey: '[SCRUBBED]',
    nested: { log: 'token=[SCRUBBED]\nnext', list: ['[SCRUBBED]'] },
  });
});

test('an error that quotes a secret is told without it, and nothing of the run is on the disk [loops 120]', async () => {
  const secret = `sk-${'ant'}-api03-${x(40)}`;
  user.program('claude', `cat >/dev/null; echo '{"type":"result","is_error":true,"result":"bad key ${secret}"}'`);
  const told = await user.run({ type: 'agent', provider: 'claude', prompt: 'do it' });
  expect(told).toMatchObject({ status: 'failed', error: expect.stringContaining('bad key [SCRUBBED]') });
  expect(user.everything()).not.toContain(secret);
});
