/**
 * `kill -9` at every durable step of a push. Whoever comes next sends what was not sent; what may have been sent comes again only
 * if nobody can tell, and then it says so. Nothing is ever missed, and nothing comes a third time.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { raiseAsk } from '../../../src/store/asks.js';
import { type House, LIMIT_MS, openStreet, type Street } from '../../crash/house.js';
import { startNtfy } from '../../fakes/ntfy.js';
import { startSlack } from '../../fakes/slack.js';

let street: Street;
beforeAll(async () => {
  street = await openStreet();
});
afterAll(() => street.close());

const ONCE = ['notify', '--once'];

function houseWithAsk(env: Record<string, string>): House {
  const house = street.house();
  Object.assign(house.env, env);
  house.disk.makeDir('asks');
  raiseAsk(house.disk, { worker: 'web', prompt: 'Which day?', kind: 'question', urgency: 'normal' }, Date.now());
  return house;
}

/** Names of the steps of one push that died nowhere. */
async function stepsOf(): Promise<string[]> {
  const ntfy = await startNtfy();
  const house = houseWithAsk({ TEND_NTFY_URL: ntfy.topicUrl });
  await house.start(ONCE, { programs: ['notify'] }).ended;
  await ntfy.close();
  return house.trace();
}

async function dieAt(name: string, nth: number): Promise<void> {
  const ntfy = await startNtfy();
  try {
    const house = houseWithAsk({ TEND_NTFY_URL: ntfy.topicUrl });
    const killed = await house.start(ONCE, { programs: ['notify'], die: { name, nth } }).ended;
    expect(killed.signal, name).toBe('SIGKILL');
    const before = ntfy.messages.length;
    await house.must(...ONCE);
    const after = ntfy.messages.map(({ tags }) => tags.includes('repeat'));
    // What was sent and not noted comes again and says so; what was claimed and not sent may say so as well, since nobody can tell.
    if (before === 1 && after.length === 2) expect(after, name).toEqual([false, true]);
    else expect(after, name).toHaveLength(1);
    // Whoever comes after that has nothing to send.
    expect(house.names('notify/ntfy/sent'), name).toEqual(['web-1~0.json']);
  } finally {
    await ntfy.close();
  }
}

test(
  'a relay that is killed at any step of a push: the ask arrives, and at most once more, marked as that',
  async () => {
    const all = await stepsOf();
    const steps = all.map((name, at) => ({ name, nth: all.slice(0, at + 1).filter((one) => one === name).length }));
    // Steps of the claim and of the note. What is written into a file that has no name yet is seen by nobody.
    const ours = steps.filter(({ name }) => /^(create|link|unlink|mkdir) notify\/ntfy\/(claims|sent)/.test(name));
    expect(ours.some(({ name }) => name.startsWith('link notify/ntfy/claims'))).toBe(true);
    expect(ours.some(({ name }) => name.startsWith('link notify/ntfy/sent'))).toBe(true);
    for (let at = 0; at < ours.length; at += 2)
      await Promise.all(ours.slice(at, at + 2).map(({ name, nth }) => dieAt(name, nth)));
  },
  LIMIT_MS,
);

test.each([
  ['Slack is asked whether the message arrived, and it stays the only one', ['chat:write', 'channels:history'], 1],
  ['where Slack may not be asked it is sent again and says so', ['chat:write'], 2],
])('killed between sending and noting it: %s', async (_what, scopes, wanted) => {
  const slack = await startSlack({ scopes });
  try {
    const house = houseWithAsk({ ...slack.env, ...slack.appEnv });
    const die = { name: 'create notify/slack/sent/.tmp', nth: 1 };
    const killed = await house.start(ONCE, { programs: ['notify'], die }).ended;
    expect({ signal: killed.signal, sent: slack.messages.length }).toEqual({ signal: 'SIGKILL', sent: 1 });
    await house.must(...ONCE);
    expect(slack.messages.map(({ blocks }) => JSON.stringify(blocks).includes('Sent again'))).toEqual(
      [false, true].slice(0, wanted),
    );
    // Where it stands is known again, so its end is told there.
    await house.must('answer', 'web-1', 'Monday');
    await house.must(...ONCE);
    expect(slack.messages.at(-1)).toMatchObject({ edits: 1 });
  } finally {
    await slack.close();
  }
});
