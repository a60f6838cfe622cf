import { hostZone } from '../../host/zone.js';
import type { LoopSpec } from '../../model/loop.js';
import { type LifeResult, resumeState } from '../../runs/rules/life.js';
import type { Disk } from '../../store/disk.js';
import { type SoundLoop, writeSpec } from '../../store/loops.js';
import { readSlot } from '../../store/slots.js';
import { changeLoop, JSON_FLAG } from '../loops/change-loop.js';
import { dateOf } from '../loops/create-flags.js';
import { by } from '../loops/create-loop.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'resume'],
  group: 'loops',
  about: 'Let a paused, stopped or expired loop go on',
  details:
    'A paused loop keeps its next time; when that has passed, --catch-up says what is made up for. A stopped one begins anew from now, and one that runs once ' +
    'only if it never ran. An expired one needs --expires-at.',
  args: [{ name: 'loop', about: 'its id, or its name', required: true, complete: 'loops' }],
  flags: {
    'expires-at': { type: 'string', value: 'TIME', about: 'a new end, of an expired loop or any other' },
    ...JSON_FLAG,
  },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops resume backup', about: 'prints the id and "active"' }],
  run: async ({ args, flags }, { disk }) => {
    const word = args['loop'] ?? '';
    const what = `Cannot resume ${JSON.stringify(word)}`;
    const expiresAt = flags['expires-at'] === undefined ? undefined : dateOf({ flags, what }, 'expires-at');
    return changeLoop(disk, word, { verb: 'resume', decide: (loop, at) => resumed(disk, loop, { at, expiresAt }) });
  },
};

/** A new end is stored before the state: until then the loop is as it was, with another end. */
function resumed(
  disk: Disk,
  loop: SoundLoop,
  { at, expiresAt }: { at: number; expiresAt: string | undefined },
): LifeResult {
  const spec: LoopSpec = expiresAt === undefined ? loop.spec : { ...loop.spec, expiresAt };
  const result = resumeState(spec, loop.loopState, {
    now: at,
    zone: hostZone(),
    by: by(),
    claimed: wasClaimed(disk, loop),
  });
  if (result.state && spec !== loop.spec) writeSpec(disk, spec);
  return result;
}

/** Of a loop that runs once: whether somebody has ever taken its time. */
function wasClaimed(disk: Disk, { id, spec }: SoundLoop): boolean {
  if (spec.schedule.type !== 'once') return false;
  return readSlot(disk, { loop: id, slot: Date.parse(spec.schedule.at) }, spec.maxAttempts).state !== 'free';
}
