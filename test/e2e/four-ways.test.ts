/**
 * A newcomer after `tend init` answers from whatever is at hand: the screen, Slack, an agent over MCP, a bare verb. Each answer reaches its
 * asker once; when all of them answer the same ask at the same time, one wins and the asker gets that one.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAnswer, readArchivedAnswer } from '../../src/store/asks.js';
import { type Connected, connect } from '../clients/mcp/client.js';
import { type Person, sitDown } from '../clients/tui/person.js';
import { makeProfile, type Profile, type Started, until } from '../contract/tend-process.js';
import { type Slack, type SlackMessage, startSlack } from '../fakes/slack.js';

let at: Profile;
let slack: Slack;
let agent: Connected;
let person: Person | undefined;
let relay: Started;
beforeEach(async () => {
  at = makeProfile();
  slack = await startSlack();
  expect(await at.tend(['init', '--runner', 'embedded', '--yes'])).toMatchObject({ code: 0 });
  relay = at.start(['notify'], { env: { ...slack.env, ...slack.appEnv } });
  agent = await connect({ env: at.env });
});
afterEach(async () => {
  person?.close();
  await agent?.close();
  relay?.child.kill('SIGTERM');
  await relay?.ended;
  at.remove();
  await slack.close();
});

/** A blocked asker; resolves with all that it printed. */
async function asks(worker: string, prompt: string): Promise<{ id: string; printed: Started['ended'] }> {
  const { ended } = at.start(['ask', worker, '--prompt', prompt]);
  const ask = await until(`${worker} asks`, async () =>
    (await at.json<{ id: string; worker: string }[]>(['asks', '--json'])).find((one) => one.worker === worker),
  );
  return { id: ask.id, printed: ended };
}
const message = (id: string): Promise<SlackMessage> =>
  until(`the message of ${id}`, () => slack.roots().find(({ text }) => text.includes(id)));

async function types(id: string, text: string): Promise<void> {
  person ??= sitDown({ env: at.env, args: [id] });
  await person.sees(id);
  person.type(text);
  // Whoever is first may have ended the ask meanwhile; what was typed is sent all the same.
  person.type('\r');
}

/** By channel: how somebody answers there. */
const WAYS: Readonly<Record<string, (id: string, text: string) => Promise<unknown>>> = {
  slack: async (id, text) => slack.write('U0ANN', (await message(id)).ts, text),
  mcp: (id, text) => agent.call('answer', { ask_id: id, text }),
  tui: types,
  cli: (id, text) => at.tend(['answer', id, text]),
};

async function record(id: string) {
  const [now, kept] = [await readAnswer(at.disk, id), await readArchivedAnswer(at.disk, id)];
  const read = now.state === 'present' ? now : kept;
  return read.state === 'present' ? read.value : undefined;
}

test('each way answers its ask, in any order, and each answer is delivered to its asker once', async () => {
  const channels = Object.keys(WAYS);
  const asked = await Promise.all(
    channels.map((channel) => asks(`for-${channel}`, `How do you answer by ${channel}?`)),
  );
  for (const at of [2, 0, 3, 1]) await WAYS[channels[at]!]!(asked[at]!.id, `by ${channels[at]}`);
  for (const [at, channel] of channels.entries()) {
    const { id, printed } = asked[at]!;
    expect(await printed).toMatchObject({ code: 0, stdout: `by ${channel}\n` });
    expect(await record(id)).toMatchObject({ answer: `by ${channel}`, channel });
  }
});

test('all four at the same time: one answer is recorded, and it is what the asker gets', async () => {
  const { id, printed } = await asks('all', 'Who is first?');
  await message(id);
  person = sitDown({ env: at.env, args: [id] });
  await person.sees('Who is first?');
  await Promise.all(Object.entries(WAYS).map(([channel, answer]) => answer(id, `by ${channel}`)));
  const { code, stdout } = await printed;
  expect(code).toBe(0);
  const kept = await until('it is on record', () => record(id));
  expect(stdout).toBe(`${kept.answer}\n`);
  expect(kept.answer).toBe(`by ${kept.channel}`);
});
