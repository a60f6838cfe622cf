/** Any command of the user's: what it is told lies in its environment and, as JSON, on its stdin; its text is only what the user wrote. */
import type { NotifyDesk } from '../../contract/notify/desk.js';
import { clip } from '../../lib/clip.js';
import { stableJson } from '../../lib/json.js';
import type { Channel, Outcome, Push } from './channel.js';
import { bodyOf, moveOf, TEST_TEXT, TEST_TITLE, titleOf } from './wording.js';

/** Linux allows 131,071 bytes in one variable; four bytes a character. stdin has the whole. */
const VARIABLE_CHARS = 30_000;
const BODY_CHARS = 20_000;

export function execChannel(desk: Pick<NotifyDesk, 'run'>, command: string): Channel {
  const run = async (told: Record<string, unknown>, variables: Record<string, string>): Promise<Outcome> => {
    const env = Object.entries(variables).map(([name, value]) => [`TEND_ASK_${name}`, word(value)]);
    const end = await desk.run({
      argv: ['bash', '-c', command],
      input: `${stableJson(told)}\n`,
      env: Object.fromEntries(env),
    });
    return end.ok ? { state: 'sent' } : { state: 'busy', why: end.why, unsure: end.unsure };
  };
  return {
    name: 'exec',
    push: (push) => run(toldOf(push), variablesOf(push)),
    test: () =>
      run(
        { test: true, title: TEST_TITLE, body: TEST_TEXT },
        { ID: 'test', KIND: 'test', URGENCY: 'normal', TITLE: TEST_TITLE, BODY: TEST_TEXT },
      ),
  };
}

const toldOf = (push: Push): Record<string, unknown> => ({
  ...push.ask,
  urgency: push.urgency,
  title: titleOf(push),
  body: bodyOf(push, BODY_CHARS),
  step: push.step,
  age_s: push.ageS,
  repeat: push.repeat,
});

const variablesOf = (push: Push): Record<string, string> => ({
  ID: push.ask.id,
  WORKER: push.ask.worker,
  KIND: push.ask.kind,
  URGENCY: push.urgency,
  PROMPT: push.ask.prompt,
  OPTIONS: (push.ask.options ?? []).join('\n'),
  REFERENCE: push.ask.reference ?? '',
  MOVE: moveOf(push.ask) ?? '',
  DIGEST: push.ask.proposal?.digest ?? '',
  TITLE: titleOf(push),
  BODY: bodyOf(push, BODY_CHARS),
  STEP: String(push.step),
  AGE_S: String(push.ageS),
  REPEAT: push.repeat ? '1' : '',
});

/** A variable cannot hold a NUL. */
const word = (text: string): string => clip(text.replaceAll('\0', '␀'), VARIABLE_CHARS);
