/** A word that came from outside becomes the human's answer, by the verb and by nothing else. */
import type { Ask } from '../../model/ask.js';
import { TendError } from '../../model/error.js';
import { awayFromTerminal } from '../as.js';
import { readStory } from '../ask-story.js';
import { expandOption } from '../expand-option.js';
import type { Context } from '../verb.js';
import { verb as answerVerb } from '../verbs/answer.js';
import type { AskStory } from '../views/asks.js';

export interface RelayedAnswer {
  /** The ask's id. */
  ask: string;
  text: string;
  /** Who gave it, as the channel knows them. */
  by: string;
  channel: 'slack';
  /** Digest of the move that they were shown whole; absent: none was. */
  digest?: string;
}

export type Relayed =
  | { state: 'recorded' }
  /** Nothing was recorded; `ended`: because the ask has ended. `why` is for the person who answered. */
  | { state: 'refused'; why: string; ended: boolean };

/**
 * Records the answer as `tend answer` does. The same answer of the same person again is `recorded`: a message that is delivered
 * twice answers once. A yes to a move that this person was not shown, byte for byte, is refused. Throws only what is a defect or the disk's.
 */
export async function relayAnswer(context: Context, given: RelayedAnswer): Promise<Relayed> {
  try {
    const before = await readStory(context.disk, given.ask);
    if (before.state !== 'pending') return ended(before, given);
    const shown = shownProblem(before, given);
    if (shown) return { state: 'refused', why: shown, ended: false };
    await answerVerb.run(
      { args: { ask_id: given.ask }, flags: { channel: given.channel }, words: [], body: given.text },
      awayFromTerminal(context, { session: { user: given.by } }),
    );
    return { state: 'recorded' };
  } catch (error) {
    if (!(error instanceof TendError) || (error.kind !== 'refused' && error.kind !== 'input')) throw error;
    const after = await storyOrNone(context, given.ask);
    return after && after.state !== 'pending'
      ? ended(after, given)
      : { state: 'refused', why: error.message, ended: after === undefined };
  }
}

function shownProblem(ask: Pick<Ask, 'proposal' | 'id'>, given: RelayedAnswer): string | undefined {
  if (!ask.proposal || /^\s*(?:no|n|deny|denied|reject)\b/i.test(given.text)) return undefined;
  if (ask.proposal.digest === given.digest) return undefined;
  return given.digest === undefined
    ? `The move of ${ask.id} is too long to be shown whole here, so a yes is taken at the terminal alone: tend answer ${ask.id} yes`
    : `The move of ${ask.id} is not the one that was shown here: tend ask show ${ask.id}`;
}

function ended(story: AskStory, given: RelayedAnswer): Relayed {
  const text = given.text.trimEnd();
  const meant = story.proposal ? text : expandOption(text, story.options ?? []);
  const isSame = story.by === given.by && story.channel === given.channel && story.answer === meant;
  if (story.state === 'answered' && isSame) return { state: 'recorded' };
  const why = `${story.id} was ${story.state} by ${story.by ?? 'somebody'} (${story.channel ?? 'unknown'}) already: ${story.answer ?? ''}`;
  return { state: 'refused', why, ended: true };
}

async function storyOrNone({ disk }: Context, id: string): Promise<AskStory | undefined> {
  try {
    return await readStory(disk, id);
  } catch {
    // There is no such ask, or it cannot be read: the refusal of the verb says which.
    return undefined;
  }
}
