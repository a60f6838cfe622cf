/** A worker whose session goes on: its prompt, then `spec.json` with a generation of its own, which is the commit point. */
import { prettyJson } from '../lib/json.js';
import type { Ask } from '../model/ask.js';
import { refused } from '../model/error.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import type { WorkerResume, WorkerSpec } from '../model/worker.js';
import { idsIn, isConsumed, readAnswer, readAsk, takeOverAsk } from './asks.js';
import type { Disk } from './disk.js';
import { discardTells } from './tells.js';
import { tellRows } from './worker-rows.js';
import { promptKey, specKey, type WorkerRecord } from './workers.js';

/** What a worker had asked and nobody has acted upon. */
export interface OpenAsk {
  id: string;
  prompt: string;
  /** Absent: the human has not answered yet. */
  end?: { answered: boolean; text: string };
  loaded: { value: Ask; text: string };
}

/** In the order in which they were asked. One that cannot be read is left out: it stays in the mailbox, which tells of it. */
export async function openAsks(disk: Disk, worker: string): Promise<OpenAsk[]> {
  const open: OpenAsk[] = [];
  for (const id of idsIn(disk, 'asks')) {
    if (id.replace(/-\d+$/, '') !== worker || isConsumed(disk, id)) continue;
    const ask = await readAsk(disk, id);
    // Without a generation it is a script of the human that asks under that name, and the answer is its.
    if (ask.state !== 'present' || ask.value.generation === undefined) continue;
    const answer = await readAnswer(disk, id);
    const end =
      answer.state === 'present'
        ? { end: { answered: answer.value.outcome === 'answered', text: answer.value.answer } }
        : {};
    open.push({ id, prompt: ask.value.prompt, loaded: ask, ...end });
  }
  return open.sort((a, b) => numberOf(a) - numberOf(b));
}

const numberOf = ({ id }: OpenAsk): number => Number(/\d+$/.exec(id)?.[0]);

export interface ResumeWords {
  /** Text of `seeds/prompts/resume.md`. */
  template: string;
  id: string;
  /** What cut it. */
  why: string;
  asks: readonly OpenAsk[];
  /** What whoever resumes it has to say. */
  word?: string | undefined;
}

/** What the session is told. Pure. */
export function resumePrompt({ template, id, why, asks, word }: ResumeWords): string {
  const values: Record<string, string> = {
    id,
    why,
    asks: asks.map((ask) => askWords(id, ask)).join(''),
    word: word === undefined ? '' : `\nWhat you should know besides:\n\n${word.trimEnd()}\n`,
  };
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

function askWords(worker: string, { id, prompt, end }: OpenAsk): string {
  const asked = `- You had asked the human (\`${id}\`):\n\n${quoted(prompt)}\n\n`;
  if (!end)
    return `${asked}  No answer has come yet. Do not ask it anew: \`tend ask ${worker} --again ${id}\` waits for it and prints it.\n`;
  return `${asked}  ${end.answered ? 'The answer' : 'Nobody answers it any more'}:\n\n${quoted(end.text)}\n\n`;
}

const quoted = (text: string): string => text.trimEnd().replace(/^/gm, '  > ');

export interface ResumeDeps {
  now: Instant;
  /** Fresh nonce: `nonce(8)` of lib/hash.ts. */
  generation: string;
  prompt: string;
  resume: WorkerResume;
  /** What it had asked: what is not answered yet is kept for it, so that no decider takes an answer that it will wait for. */
  asks: readonly OpenAsk[];
}

/**
 * Makes the ended worker of `record` wanted again, in a generation of its own; everything else about it stays. Of several who resume it, or
 * start another of its id, one wins. Throws TendErrors; dying at any point leaves it as it was, or resumed.
 */
export function resumeWorker(disk: Disk, record: WorkerRecord, deps: ResumeDeps): void {
  const { id, spec, specText } = record;
  if (!spec || specText === undefined)
    throw refused('no-worker', `Cannot resume worker "${id}": its spec is not there`, 'tend worker list --all');
  const { reason: _why, ...rest } = spec;
  const { generation, resume } = deps;
  // Its status goes with the start of the next one.
  tellRows(disk, record);
  const wanted: WorkerSpec = { ...rest, generation, desired: 'running', ts: unixSeconds(deps.now), resume };
  disk.replace(promptKey(id, generation), deps.prompt);
  for (const ask of deps.asks)
    if (!ask.end && ask.loaded.value.waiter !== undefined) takeOverAsk(disk, ask.loaded, { generation });
  if (!disk.replaceIfEqual(specKey(id), specText, prettyJson(wanted))) {
    disk.remove(promptKey(id, generation));
    throw refused(
      'worker-changed',
      `Cannot resume worker "${id}": somebody else has started, resumed or stopped it meanwhile`,
      'tend worker list',
    );
  }
  discardTells(disk, id, generation);
}
