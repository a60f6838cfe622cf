/**
 * The human's yes to an exact move, when an agent brings it. Its word alone releases nothing: tend shows the move to the human in a
 * dialog of the client and takes what is typed there, or names the command that the human can type. A no runs nothing and passes.
 */
import { mayRelayApprovals } from '../../contract/relayed-approvals.js';
import type { Context, VerbInput } from '../../contract/verb.js';
import { type AskStory, renderAsk } from '../../contract/views/asks.js';
import { readVerdict } from '../../model/ask.js';
import { refused, type TendError } from '../../model/error.js';

/** Puts a question to the human and gives what was typed, or undefined when the dialog was closed. Absent: the client has no dialogs. */
export type AskHuman = ((message: string) => Promise<string | undefined>) | undefined;

export interface Confirming {
  context: Context;
  /** The ask as the mailbox has it now. Throws when there is none. */
  show(id: string): Promise<AskStory>;
  askHuman: AskHuman;
}

/** The input to go on with: as it was given, or with the human's own word for its text. Throws where there is no such word. */
export async function confirmed(input: VerbInput, { context, show, askHuman }: Confirming): Promise<VerbInput> {
  const id = input.args['ask_id'] ?? '';
  if (readVerdict(input.body ?? '')?.yes !== true) return input;
  const story = await show(id);
  if ((story.kind !== 'approval' && !story.proposal) || mayRelayApprovals(context)) return input;
  if (story.state !== 'pending' && input.flags['force'] !== true) return input;
  if (!askHuman) throw needsHuman(id, 'and this client has no dialog in which tend could ask them');
  const typed = await askHuman(question(story));
  if (typed === undefined) throw needsHuman(id, 'and they closed the dialog without one; nothing was recorded');
  if (!readVerdict(typed))
    throw needsHuman(
      id,
      `and what they typed is neither a plain yes nor a no: ${JSON.stringify(typed.slice(0, 80))}; nothing was recorded`,
    );
  // A yes is to what was shown.
  if ((await show(id)).proposal?.digest !== story.proposal?.digest)
    throw needsHuman(id, 'and the move was changed while they read it; nothing was recorded');
  return { ...input, body: typed };
}

const question = (story: AskStory): string =>
  `tend asks for your yes to exactly this. Type yes, and it runs once; type no and your reason, and it does not run.\n\n${renderAsk(story)}`;

const needsHuman = (id: string, why: string): TendError =>
  refused(
    'human-yes',
    `Cannot answer approval "${id}" with yes: it releases an exact move, so the yes must be the human's own, ${why}`,
    `the human types: tend answer ${id} yes`,
  );
