/**
 * The pause after failures that only a human can mend, and its one ask. Level-triggered: the memory says that it is on, files say
 * what ends it. A death between the ask and the memory that names it is mended by the ask's reference.
 */
import { oneLine } from '../lib/clip.js';
import { hash32 } from '../lib/hash.js';
import { stableJson } from '../lib/json.js';
import { askHeadSchema } from '../model/ask-schema.js';
import type { Config } from '../model/config.js';
import type { Instant } from '../model/instant.js';
import type { Memory } from '../model/memory.js';
import { idsIn, raiseAsk, readAnswer, readAsk, recordAnswer } from '../store/asks.js';
import { readMarkdown } from '../store/codec.js';
import type { Disk } from '../store/disk.js';

/** Says whether anything was edited that may mend a call: how the runner is called, goals, PLAYBOOK. Empty: not known. */
export const breakerStamp = (config: Config, policyHash: string): string =>
  policyHash === ''
    ? ''
    : hash32(
        stableJson([
          config.runner ?? '',
          config.tick_command ?? '',
          config.model ?? '',
          config.thinking ?? '',
          ...(config.answer_schema ? [config.answer_schema] : []),
          policyHash,
        ]),
      );

/** The memory as it is after what the human did: without the pause when an edit or an answer ended it. */
export async function eased(disk: Disk, memory: Memory, stamp: string): Promise<Memory> {
  const { breaker, backoff: _backoff, ...rest } = memory;
  if (!breaker?.open) return memory;
  if (stamp !== '' && breaker.stamp !== '' && breaker.stamp !== stamp) return rest;
  if (breaker.ask === undefined) return memory;
  const ask = await readAsk(disk, breaker.ask);
  // Archived: whoever ended it has had their say. What cannot be read proves nothing.
  if (ask.state === 'absent') return rest;
  return (await readAnswer(disk, breaker.ask)).state === 'present' ? rest : memory;
}

/** The memory with the id of the pause's ask; raised unless one waits already. */
export async function withBreakerAsk(disk: Disk, memory: Memory, now: Instant): Promise<Memory> {
  const { breaker } = memory;
  if (!breaker?.open || breaker.ask !== undefined) return memory;
  const reference = `breaker-${hash32(stableJson([breaker.cause, breaker.stamp])).slice(0, 12)}`;
  const ask = (await pendingAsk(disk, reference)) ?? raiseAsk(disk, draft(memory, reference), now).id;
  return { ...memory, breaker: { ...breaker, ask } };
}

async function pendingAsk(disk: Disk, reference: string): Promise<string | undefined> {
  for (const id of idsIn(disk, 'asks').filter((name) => /^pulse-\d+$/.test(name))) {
    const ask = await readMarkdown(disk, `asks/${id}.md`, askHeadSchema);
    if (ask.state !== 'present' || ask.value.head.reference !== reference) continue;
    if ((await readAnswer(disk, id)).state === 'absent') return id;
  }
  return undefined;
}

/** What is wrong in plain words, and the command that mends it as a rule. */
const CURES: Readonly<Record<string, readonly [what: string, cure: string]>> = {
  auth: [
    'the runner is not logged in, or its key is wrong',
    'log in with the runner’s own command, or put its key into the environment of `tend up`',
  ],
  spawn: ['the runner’s program cannot be started', 'install it or mend `tick_command` in the config: `tend init`'],
};
const OTHER = [
  'the runner refuses the way in which it is called',
  'mend `tick_command` or `model` in the config: `tend init`',
] as const;

function draft({ breaker, lastFailure }: Memory, reference: string) {
  const [what, cure] = CURES[breaker!.cause] ?? OTHER;
  return {
    worker: 'pulse',
    kind: 'escalation' as const,
    urgency: 'high' as const,
    reference,
    options: ['try again'],
    prompt: [
      `The loop is paused: ${what}. Beats in a row that failed for it: ${breaker!.fails}.`,
      `The last error: ${oneLine(lastFailure?.error ?? 'unknown', ERROR_CHARS)}`,
      '',
      `- what mends it: ${cure}`,
      '- it goes on by itself when the config, the PLAYBOOK or a goal is edited; a key in the environment is seen after `tend down` and `tend up`',
      '- `try again`, or any other answer: the loop tries again at once',
      '',
      'Rules, workers and your own commands go on meanwhile.',
    ].join('\n'),
  };
}

const ERROR_CHARS = 600;

/** Takes the pause's ask off the human's desk when the pause has ended without it. */
export function endBreakerAsk(disk: Disk, before: Memory, after: Memory, now: Instant): void {
  const id = before.breaker?.ask;
  if (id === undefined || after.breaker?.ask === id) return;
  if (disk.stat(`asks/${id}.md`).state !== 'present' || disk.stat(`answers/${id}.md`).state !== 'absent') return;
  recordAnswer(disk, { id, outcome: 'expired', answer: 'the loop goes on', by: 'tend', channel: 'pulse' }, now);
}
