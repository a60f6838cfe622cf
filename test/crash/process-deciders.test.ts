import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type House, type HouseOptions, openHouse, until } from '../e2e/house.js';
import { nobodyIsLeft } from './strangers.js';

// Deciders are agent CLIs and what they start. Whatever one of them does costs its own decision: it is said which limit it met,
// nothing that it says too late is acted on, nothing of it lives on, and the next decision is made.

// Side by side on a loaded machine.
vi.setConfig({ testTimeout: 180_000 });

async function houseWithPulse(onEnd: (work: () => Promise<void>) => void, options: HouseOptions = {}): Promise<House> {
  const house = openHouse(options);
  onEnd(() => house.close());
  await house.init();
  await house.must(['answer', 'setup-1', 'nothing yet']);
  return house;
}

/** An edit that wakes the pulse. Whole at once: of a file that is empty for a moment it would look twice, and decide twice. */
function goad(house: House, text: string): void {
  const part = join(house.base, 'goad.part');
  writeFileSync(part, text);
  renameSync(part, join(house.root, 'goals/goad.md'));
}

/** A goal is edited, which cuts the wait after a failure short; then the beat of that decision has ended. */
async function decideOn(house: House, what: string, said: string): Promise<void> {
  goad(house, `${what}\n`);
  await until(`the log says ${said}`, () => house.text('pulse/pulse.log').includes(said));
}

const ghost = (id: string) => `{"action":"write_goal","id":"${id}","body":"said too late"}`;

test.concurrent('endless output on either stream ends a decider at its limit, which the log names', async ({
  onTestFinished,
}) => {
  const house = await houseWithPulse(onTestFinished);
  house.next('exec yes');
  await house.up();
  await decideOn(house, 'stdout', 'printed more than 8388608 bytes');
  house.next('exec yes >&2');
  await decideOn(house, 'stderr', 'printed more than 67108864 bytes on stderr');
  house.next({ action: 'write_goal', id: 'after', body: 'decided all the same' });
  goad(house, 'go on\n');
  await until('the next one decides', () => house.text('goals/after.md').includes('all the same'));
  await nobodyIsLeft(house);
});

test.concurrent('what a decider says after its deadline is not acted on, in its output, in its file or by its children', async ({
  onTestFinished,
}) => {
  const house = await houseWithPulse(onTestFinished, { env: { TEND_TICK_TIMEOUT_SECS: '1' } });
  house.next(`late() { echo '${ghost('late')}'; exit 0; }
trap late TERM
(setsid bash -c 'sleep 1.5; echo "$1" >"$TEND_DECISION_FILE"' - '${ghost('child')}' &)
while :; do sleep 0.05; done`);
  // Before the start: an edit during the first decision would be looked at after it, for a second one.
  goad(house, 'late\n');
  await house.up();
  await until('the first is ended', () => house.text('pulse/pulse.log').includes('"code":"runner-timeout"'));
  house.next(`trap '' TERM INT HUP; echo '${ghost('stubborn')}' >"$TEND_DECISION_FILE"; while :; do sleep 1; done`);
  goad(house, 'stubborn\n');
  await until('that is ended, too', () => house.text('pulse/pulse.log').split('"code":"runner-timeout"').length === 3);
  await nobodyIsLeft(house);
  house.next({ action: 'write_goal', id: 'after', body: 'decided all the same' });
  goad(house, 'go on\n');
  await until('the next one decides', () => house.text('goals/after.md').includes('all the same'));
  for (const id of ['late', 'child', 'stubborn']) expect(house.text(`goals/${id}.md`)).toBe('');
  await until('it is journaled', () => house.journal().length === 1);
});

test.concurrent('a decider that leaves children on its pipes, or answers twice, makes one move', async ({
  onTestFinished,
}) => {
  const house = await houseWithPulse(onTestFinished);
  house.next(`(setsid sleep 600 &); (trap '' TERM HUP; sleep 600 &)
echo '{"action":"write_goal","id":"one","body":"first"}'`);
  await house.up();
  await until('it is taken', () => house.text('goals/one.md').includes('first'));
  await house.settled();
  await nobodyIsLeft(house);
  // Two different ones are no decision: it is asked which, once.
  house.next('echo \'{"action":"noop"}\'; echo \'{"action":"write_goal","id":"two","body":"second"}\'');
  house.next({ action: 'write_goal', id: 'three', body: 'third' });
  goad(house, 'twice\n');
  await until('the repair is taken', () => house.text('goals/three.md').includes('third'));
  await house.settled();
  expect(house.text('goals/two.md')).toBe('');
  expect(house.lastPrompt().length).toBeGreaterThan(0);
  expect(house.prompts().some((prompt) => prompt.includes('2 different decisions'))).toBe(true);
});

test.concurrent('a decider that closes its stdin at once is read, however long the prompt is', async ({
  onTestFinished,
}) => {
  const house = await houseWithPulse(onTestFinished, { env: { TEND_PROMPT_MAX_BYTES: '2000000' } });
  for (let n = 0; n < 130; n++) house.write(`goals/big-${n}.md`, `${'x'.repeat(8_100)}\n`);
  const deaf = `exec 0<&-; echo '{"action":"write_playbook","body":"decided without reading"}'`;
  const config = JSON.parse(house.text('config.json')) as object;
  house.write('config.json', JSON.stringify({ ...config, tick_command: deaf }));
  await house.up();
  await until('it is taken', () => house.text('PLAYBOOK.md').includes('decided without reading'));
  expect(house.text('pulse/pulse.log')).not.toMatch(/EPIPE|"level":"error"/);
});
