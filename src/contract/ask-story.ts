/** One ask from its question to its end, also when it was archived. Reads only. */
import type { Answer, Ask } from '../model/ask.js';
import { isConsumed, readAnswer, readArchivedAnswer, readArchivedAsk, readAsk } from '../store/asks.js';
import type { Loaded } from '../store/codec.js';
import type { Disk } from '../store/disk.js';
import { findAsk } from './find-ask.js';
import { type AskStory, askView } from './views/asks.js';

/** Throws a refusal when there is no such ask, or when it cannot be read. */
export async function readStory(disk: Disk, id: string): Promise<AskStory> {
  const archived = await readArchivedAsk(disk, id);
  const live = await readAsk(disk, id);
  const ask =
    live.state !== 'present' && archived.state === 'present'
      ? archived.value
      : await findAsk(disk, id, 'Cannot show ask');
  const answer = await newest(await readAnswer(disk, id), () => readArchivedAnswer(disk, id));
  return story(ask, answer, { consumed: isConsumed(disk, id), archived: live.state !== 'present' });
}

const newest = async (live: Loaded<Answer>, archived: () => Promise<Loaded<Answer>>): Promise<Loaded<Answer>> =>
  live.state === 'absent' ? archived() : live;

function story(ask: Ask, answer: Loaded<Answer>, marks: { consumed: boolean; archived: boolean }): AskStory {
  const base = { ...askView(ask), ...marks };
  if (answer.state === 'absent') return { ...base, state: 'pending' };
  if (answer.state !== 'present') return { ...base, state: 'pending', problem: `its answer: ${answer.reason}` };
  const { outcome, ts, by, channel } = answer.value;
  return { ...base, state: outcome, answer: answer.value.answer, answered_ts: ts, by, channel };
}
