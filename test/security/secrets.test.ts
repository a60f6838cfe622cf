import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type House, openHouse, until } from '../e2e/house.js';

// Secrets that a sensor, a command or a worker prints, or that stand in the environment: what is kept and what a model reads has none.
const SHAPED = `gh${'p'}_${'aB3'.repeat(12)}`;
const NAMED = 'correct-horse-battery';
const LISTED = 'the-customer-of-ours';

let house: House;
beforeEach(async () => {
  house = openHouse({ env: { DEPLOY_TOKEN: NAMED, CUSTOMER: LISTED } });
  await house.init();
  house.write('config.json', JSON.stringify({ ...JSON.parse(house.text('config.json')), secrets: ['CUSTOMER'] }));
});
afterEach(() => house.close());

/** Files of the data dir in which one of the secrets stands. */
function leaks(): string[] {
  const files = readdirSync(house.root, { recursive: true, encoding: 'utf8' });
  return files.filter((name) => {
    try {
      const text = readFileSync(join(house.root, name), 'latin1');
      return [SHAPED, NAMED, LISTED].some((secret) => text.includes(secret));
    } catch {
      return false;
    }
  });
}

test('what a command printed is in its log, the outcome, the ledger and the next prompt without its secrets', async () => {
  house.next({
    action: 'run_shell',
    cmd: `echo "begin $DEPLOY_TOKEN ${SHAPED} $CUSTOMER end"`,
    journal: `printed ${SHAPED}`,
  });
  await house.up();
  await until('it asks', async () => (await house.asks()).some((one) => one.id === 'gate-1'));
  await house.must(['answer', 'gate-1', 'yes']);
  await until('the decider reads what it printed', () => house.lastPrompt().includes('begin [secret: $DEPLOY_TOKEN]'));
  expect(house.lastPrompt()).toContain('[secret: $DEPLOY_TOKEN] [secret: GitHub token] [secret: $CUSTOMER] end');
  expect(house.journal().join('\n')).toContain('printed [secret: GitHub token]');
  // The human says yes to exactly what runs, and what runs is bound to it: there, and in the memory of it until the next decision, the command stands as it is.
  await house.settled();
  expect(
    leaks().filter((name) => !/^(?:asks|runs\/.*\/command\.json|config\.json|pulse\/memory\.json)/.test(name)),
  ).toEqual([]);
});

test('what a sensor says reaches the model without its secrets', async () => {
  house.write('sensors/leak.sh', `#!/bin/sh\necho '{"signal":"${SHAPED}","detail":"'"$DEPLOY_TOKEN $CUSTOMER"'"}'\n`);
  chmodSync(join(house.root, 'sensors/leak.sh'), 0o700);
  await house.up();
  await until('the model is asked', () => house.lastPrompt().includes('leak'));
  for (const secret of [SHAPED, NAMED, LISTED]) expect(house.lastPrompt()).not.toContain(secret);
  expect(house.lastPrompt()).toContain('[secret: GitHub token]');
  expect(leaks().filter((name) => /^(?:runs|journal|events)/.test(name))).toEqual([]);
});

test('the transcript of a worker has stars for a secret, as many as it is long, also when it came in two parts', async () => {
  await house.must([
    'worker',
    'start',
    'w',
    `#!script\nprintf '%s|' "$DEPLOY_TOKEN"\nprintf '%s' '${SHAPED.slice(0, 15)}'\nprintf '%s|done' '${SHAPED.slice(15)}'\n`,
  ]);
  await house.up();
  const kept = await until('it has ended', () => {
    const text = house.text('workers/w/transcript.log');
    return text.includes('|done') && text;
  });
  expect(kept).toContain(`${'*'.repeat(NAMED.length)}|${'*'.repeat(SHAPED.length)}|done`);
  expect(leaks().filter((name) => name.includes('transcript'))).toEqual([]);
});
