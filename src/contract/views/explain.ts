/** Why a beat did what it did: its own event, joined with what became of its move. Pure: facts in, text out. */
import { flat } from '../../lib/clip.js';
import { terminalSafe } from '../../lib/terminal-safe.js';
import { localMinute } from '../../model/instant.js';

export interface BeatExplained {
  beat: string;
  /** Milliseconds. */
  at: number;
  state: 'decided' | 'failed';
  why: string | null;
  /** A line for each thing that differed from the world of the last decision. */
  saw: string[];
  /** Further such lines that were not recorded. */
  saw_more: number;
  /** Kind of the move, what was said of it, and who proposed it: `model`, or `rule` of a goal. */
  decided: { action: string; said: string; by: string; goal: string | null } | null;
  gate: { verdict: string; reason: string } | null;
  /** Why it failed. */
  failure: { code: string; error: string } | null;
  /** What became of the move. */
  outcome: { state: string; summary: string; reason: string | null; exit_code: number | null } | null;
  ask: { id: string; state: 'pending' | 'answered' | 'gone'; answer: string | null; effect: string | null } | null;
  /** Null parts were not reported; a rule costs nothing and calls nobody. */
  cost: {
    runner: string | null;
    calls: number;
    ms: number | null;
    usd: number | null;
    input_tokens: number | null;
    output_tokens: number | null;
  };
  /** What else the beat said, such as a retry, as lines. */
  notes: string[];
  /** Directories in the data dir, each with the files in it. */
  look: { dir: string; files: string[] }[];
}

/** The whole story, a paragraph a question. `zoned` times are the machine's. */
export function renderExplained(beat: BeatExplained): string {
  const parts: [string, readonly string[]][] = [
    ['why it woke', [beat.why ?? NOT_RECORDED]],
    ['what it saw', sawLines(beat)],
    ['decided', decidedLines(beat)],
    ['gate', [beat.gate ? `${beat.gate.verdict}: ${beat.gate.reason}` : beat.decided ? NOT_RECORDED : 'was not asked']],
    ['outcome', outcomeLines(beat)],
    ['cost', [costLine(beat.cost)]],
    ['also', beat.notes],
    ['look', beat.look.map(({ dir, files }) => `${dir}/${files.length === 0 ? '' : `  ${files.join('  ')}`}`)],
  ];
  const body = parts.flatMap(([title, lines]) =>
    lines.map((line, at) => `${(at === 0 ? title : '').padEnd(WIDTH)}${terminalSafe(flat(line))}`),
  );
  return [`${beat.beat}  ${localMinute(beat.at)}  ${beat.state}`, '', ...body].join('\n');
}

const NOT_RECORDED = '(not recorded)';
/** Of the longest title and a gap. */
const WIDTH = 14;

function sawLines({ saw, saw_more: more, why }: BeatExplained): string[] {
  if (saw.length === 0)
    return [why === null ? NOT_RECORDED : 'nothing that differs from the last decision that took effect'];
  return more > 0 ? [...saw, `… and ${more} more, in its prompt`] : saw;
}

function decidedLines({ decided, failure }: BeatExplained): string[] {
  if (!decided) return [failure ? `nothing: ${failure.code} · ${failure.error}` : NOT_RECORDED];
  const who = decided.by === 'rule' ? `by the rule of goal ${decided.goal ?? '?'}` : `by the ${decided.by}`;
  const said = decided.said.startsWith(decided.action) ? decided.said : `${decided.action} · ${decided.said}`;
  return [`${said} (${who})`];
}

function outcomeLines({ outcome, ask, decided, failure }: BeatExplained): string[] {
  const lines: string[] = [];
  if (ask) {
    const said = ask.state === 'answered' ? `answered: ${ask.answer ?? ''}` : ask.state;
    lines.push(`asked as ${ask.id} · ${said}${ask.effect === null ? '' : ` · ${ask.effect}`}`);
  }
  if (outcome) {
    const exit = outcome.exit_code === null ? '' : ` · exit code ${outcome.exit_code}`;
    lines.push(`${outcome.state} · ${outcome.reason ?? outcome.summary}${exit}`);
  }
  if (lines.length > 0) return lines;
  return [decided && !failure ? 'done' : failure ? `failed · ${failure.code}` : NOT_RECORDED];
}

function costLine({
  runner,
  calls,
  ms,
  usd,
  input_tokens: input,
  output_tokens: output,
}: BeatExplained['cost']): string {
  if (calls === 0) return 'nothing: no model was called';
  const parts = [
    usd === null ? 'dollars not reported, counted by estimate' : `$${usd.toFixed(4)}`,
    ...(input === null && output === null ? [] : [`${input ?? '?'} tokens in, ${output ?? '?'} out`]),
    `${calls} ${calls === 1 ? 'call' : 'calls'}`,
    ...(ms === null ? [] : [`${(ms / 1_000).toFixed(1)}s`]),
  ];
  return `${parts.join(' · ')}${runner === null ? '' : ` with ${runner}`}`;
}
