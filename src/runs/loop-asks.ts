/**
 * The asks of timed loops: one for each streak of failures that has paused a loop. Recognised by
 * their references, so that nothing needs to be remembered; sealed, because their answers start and stop things. An answer takes
 * effect first and is consumed after, so a death between repeats nothing.
 */
import { askHeadSchema } from '../model/ask-schema.js';
import type { LoopSpec, LoopState } from '../model/loop.js';
import { consumeAnswer, idsIn, isConsumed, raiseAsk, readAnswer, readAsk } from '../store/asks.js';
import { readMarkdown } from '../store/codec.js';
import type { Disk } from '../store/disk.js';
import { casState, readLoop, type SoundLoop } from '../store/loops.js';
import { readAttempt } from '../store/slots.js';
import type { AttemptDeps } from './attempt-deps.js';
import { claimSkip } from './claim-attempt.js';
import { expireAsk, LOOPS_ASKER, OURS } from './room-ask.js';
import { resumeState, stopState } from './rules/life.js';

/** Paused by its failures. Edits and a new zone leave it so; a resume begins the count anew. */
export const isBroken = ({ spec, loopState }: Pick<SoundLoop, 'spec' | 'loopState'>): boolean =>
  loopState.status === 'paused' && spec.breaker > 0 && loopState.failureStreak >= spec.breaker;

/** The slot whose failure was one too many: it stays the same while the loop is paused, and names the streak. */
const streakOf = ({ settled, updatedAt }: LoopState): number => Date.parse(settled?.slot ?? updatedAt);
const referenceOf = (id: string, state: LoopState): string => `loop-${id}-${streakOf(state)}`;
const REFERENCE = /^loop-([0-9a-f]{12})-\d+$/;

/** The loop that an ask of ours is about. */
export async function loopOfAsk(disk: Disk, ask: string): Promise<string | undefined> {
  if (!OURS.test(ask)) return undefined;
  const read = await readAsk(disk, ask);
  return read.state === 'present' ? REFERENCE.exec(read.value.reference ?? '')?.[1] : undefined;
}

/** Files the one ask of this streak, and its mark among the runs. Safe to repeat. */
export async function ensureBreakerAsk(deps: AttemptDeps, { id, spec, loopState }: SoundLoop): Promise<void> {
  const reference = referenceOf(id, loopState);
  const why = `circuit breaker open: ${loopState.failureStreak} planned runs in a row have failed`;
  markBroken(deps, spec, { from: streakOf(loopState) + 1, why });
  if (await hasAsk(deps.disk, reference)) return;
  const ask = raiseAsk(deps.disk, breakerDraft(spec, loopState, reference), deps.now());
  deps.log('warn', 'loop.breaker', `loop "${spec.name}" is paused: ${why}; ask ${ask.id}`);
}

/** Milliseconds after the streak's slot among which a free one is looked for: ad-hoc runs may lie there. */
const MARKS_MAX = 1_000;

/** The mark of this streak among the loop's runs, once: a skip with this reason right behind the slot that was one too many. */
function markBroken(deps: AttemptDeps, spec: LoopSpec, { from, why }: { from: number; why: string }): void {
  for (let slot = from; slot < from + MARKS_MAX; slot++) {
    const there = readAttempt(deps.disk, { loop: spec.id, slot, attempt: 1 });
    if (there?.claim.state === 'present' && there.claim.value.reason === why) return;
    if (!there && claimSkip(deps, { spec, slot, attempt: 1, source: 'ad_hoc' }, why)) return;
  }
}

function breakerDraft(spec: LoopSpec, state: LoopState, reference: string) {
  return {
    worker: LOOPS_ASKER,
    kind: 'escalation' as const,
    urgency: 'high' as const,
    reference,
    options: ['resume', 'stop'],
    prompt: [
      `The loop "${spec.name}" (${spec.id}) is paused: its last ${state.failureStreak} planned runs have failed.`,
      '',
      `- what happened: \`tend loops runs ${spec.id} --show-output\``,
      '- `resume`: it goes on, and the count begins anew',
      '- `stop`: it has no next run until somebody resumes it',
      `- or edit it first: \`${spec.id}/spec.json\` in the data dir's \`schedules\``,
    ].join('\n'),
  };
}

/** Makes the answer to the ask of this streak true. True when the loop has changed by it. */
export async function applyBreakerAnswer(deps: AttemptDeps, id: string): Promise<boolean> {
  let changed = false;
  for (const ask of idsIn(deps.disk, 'answers').filter((name) => OURS.test(name))) {
    if ((await loopOfAsk(deps.disk, ask)) !== id || isConsumed(deps.disk, ask)) continue;
    const [asked, answer] = [await readAsk(deps.disk, ask), await readAnswer(deps.disk, ask)];
    const entry = readLoop(deps.disk, id);
    if (asked.state !== 'present' || answer.state !== 'present' || entry?.state !== 'ok') continue;
    const { spec, loopState } = entry;
    const isThis = isBroken(entry) && asked.value.reference === referenceOf(id, loopState);
    const said = answer.value.outcome === 'answered' ? answer.value.answer.trim().toLowerCase() : '';
    if (isThis && (said === 'resume' || said === 'stop')) {
      const [now, by] = [deps.now(), `answer:${ask}`];
      const { state } =
        said === 'resume'
          ? resumeState(spec, loopState, { now, zone: deps.zone(), by, claimed: true })
          : stopState(loopState, now, by);
      if (state && !casState(deps.disk, id, loopState, state)) continue;
      changed = true;
    }
    consumeAnswer(deps.disk, ask, LOOPS_ASKER, deps.now());
    deps.log('info', 'loop.answered', `loop "${spec.name}": ${said || answer.value.outcome}, ask ${ask}`);
  }
  return changed;
}

/** Takes asks off the human's desk whose loop is not paused by that streak any more: resumed, stopped or removed by a verb. */
export async function endStaleAsks(deps: AttemptDeps, id: string, entry: SoundLoop | undefined): Promise<void> {
  const standing = entry && isBroken(entry) ? referenceOf(id, entry.loopState) : undefined;
  for (const ask of idsIn(deps.disk, 'asks').filter((name) => OURS.test(name))) {
    if (deps.disk.stat(`answers/${ask}.md`).state !== 'absent') continue;
    const read = await readAsk(deps.disk, ask);
    if (read.state !== 'present' || REFERENCE.exec(read.value.reference ?? '')?.[1] !== id) continue;
    if (read.value.reference !== standing) expireAsk(deps, ask, 'the loop goes on without it');
  }
}

async function hasAsk(disk: Disk, reference: string): Promise<boolean> {
  for (const dir of ['asks', 'asks/archive'] as const) {
    for (const id of idsIn(disk, dir).filter((name) => OURS.test(name))) {
      const read = await readMarkdown(disk, `${dir}/${id}.md`, askHeadSchema);
      if (read.state === 'present' && read.value.head.reference === reference) return true;
    }
  }
  return false;
}
