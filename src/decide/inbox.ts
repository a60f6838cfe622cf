/** The mailbox as the decider sees it: what is pending, and what has ended and was not acted on yet. Reads, never consumes. */
import { stableJson } from '../lib/json.js';
import type { Answer, Ask } from '../model/ask.js';
import { idsIn, isConsumed, readAnswer, readAsk, readMailbox } from '../store/asks.js';
import type { Disk } from '../store/disk.js';
import type { HumanAnswer, Inbox, PendingAsk } from './prompt/prompt-input.js';
import { isForBudget } from './scope-ask.js';

/** Parts of tend that ask and do not wait at the ask: their asks cannot be stranded. */
const STANDING = new Set(['pulse', 'gate', 'budget', 'setup', 'loops', 'workflow']);

/**
 * `isAlive` says whether who asked still lives: the worker (this generation of it), or the process that blocks on the ask under
 * the nonce `waiter`. It throws when that cannot be told, because calling a living asker's ask stranded would have its work done twice. `effects` has what became of approvals, by ask id.
 */
export async function gatherInbox(
  disk: Disk,
  isAlive: (worker: string, generation: string | undefined, waiter: string | undefined) => boolean | Promise<boolean>,
  effects: Readonly<Record<string, string>> = {},
): Promise<Inbox> {
  const box = await readMailbox(disk);
  const life = async (ask: Pick<Ask, 'worker' | 'generation' | 'waiter'>): Promise<PendingAsk['life']> => {
    if (STANDING.has(ask.worker)) return 'standing';
    return (await isAlive(ask.worker, ask.generation, ask.waiter)) ? 'live' : 'stranded';
  };
  const pending = await Promise.all(box.pending.map(async (ask) => pendingAsk(ask, await life(ask))));
  const inbox: Inbox = { pending, answers: [], problems: box.problems };
  for (const id of idsIn(disk, 'answers')) {
    const [ask, answer] = [await readAsk(disk, id), await readAnswer(disk, id)];
    // What cannot be read is in `problems` already, and an answer without its ask is the mailbox controller's.
    if (ask.state !== 'present' || answer.state !== 'present' || isConsumed(disk, id)) continue;
    // One that came after this beat looked for it: the next beat makes it true. Told to a decider it would be consumed without effect.
    if (ask.value.worker === 'budget' && isForBudget(ask.value, answer.value)) continue;
    // Timed loops and workflows take their answers themselves.
    if (ask.value.worker === 'loops' || ask.value.worker === 'workflow') continue;
    const alive = await life(ask.value);
    // A living asker gets its answer itself; for anything else the decider is the one who must act on it.
    if (alive !== 'live' && !isConsumed(disk, id))
      inbox.answers.push(humanAnswer(ask.value, answer.value, alive, effects[id]));
  }
  inbox.answers.sort((a, b) => (a.id < b.id ? -1 : 1));
  return inbox;
}

const pendingAsk = (ask: Ask, life: PendingAsk['life']): PendingAsk => ({
  id: ask.id,
  worker: ask.worker,
  kind: ask.kind,
  urgency: ask.urgency,
  prompt: ask.prompt,
  ...(ask.reference === undefined ? {} : { reference: ask.reference }),
  ...(ask.options === undefined ? {} : { options: ask.options }),
  life,
  ...(ask.proposal === undefined ? {} : { move: stableJson(ask.proposal.move) }),
});

const humanAnswer = (ask: Ask, answer: Answer, life: PendingAsk['life'], effect: string | undefined): HumanAnswer => ({
  id: ask.id,
  worker: ask.worker,
  kind: ask.kind,
  question: ask.prompt,
  outcome: answer.outcome,
  answer: answer.answer,
  by: answer.by,
  life,
  ...(effect === undefined ? {} : { effect }),
});
