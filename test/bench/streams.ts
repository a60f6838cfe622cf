/** Reading the streams of agent CLIs: 100 MB each, made of a recorded run whose tool calls were repeated. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import type { Row } from './measures.js';
import { within } from './profile.js';

const STREAM_BYTES = 100e6;
const RUNS: Readonly<Record<string, string>> = {
  claude: 'claude-agents',
  codex: 'codex-shell',
  opencode: 'opencode-shell',
  pi: 'pi-shell',
};

interface Read {
  ok: boolean;
  mbPerS: number;
  moreMb: number;
}

export const p8 = (rounds: number): Promise<Row> =>
  within(async (profile) => {
    const actor = `${profile.base}/stream-actor.mjs`;
    await build({
      entryPoints: [new URL('./stream-actor.ts', import.meta.url).pathname],
      outfile: actor,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    const raw: Record<string, Read[]> = {};
    for (const [runner, run] of Object.entries(RUNS)) {
      const path = `${profile.base}/${runner}.jsonl`;
      grow(path, run);
      const read = (): Read =>
        JSON.parse(execFileSync(process.execPath, [actor, runner, path], { encoding: 'utf8' })) as Read;
      raw[runner] = Array.from({ length: rounds }, read);
    }
    const rows = Object.entries(raw).map(([runner, reads]) => ({
      runner,
      mbPerS: median(reads.map((read) => read.mbPerS)),
      moreMb: Math.max(...reads.map((read) => read.moreMb)),
      isRight: reads.every((read) => read.ok),
    }));
    const said = rows.map(
      ({ runner, mbPerS, moreMb }) => `${runner} ${mbPerS.toFixed(0)} MB/s, ${moreMb.toFixed(0)} MB`,
    );
    return {
      id: 'P8',
      what: 'reading a stream of 100 MB to its result',
      baseline: '–',
      result: said.join(' · '),
      reach: '≥ 150 MB/s, < 60 MB more memory',
      ok: rows.every(({ mbPerS, moreMb, isRight }) => mbPerS >= 150 && moreMb < 60 && isRight),
      raw,
    };
  });

/** The first and the last lines once, what is between them again and again, with tool output of some kilobytes in each fifth line. */
function grow(path: string, run: string): void {
  const recorded = readFileSync(new URL(`../fakes/runners/streams/${run}.jsonl`, import.meta.url), 'utf8');
  const lines = recorded.trimEnd().split('\n');
  const [first, last] = [lines.slice(0, 2), lines.slice(-3)];
  const middle = lines
    .slice(2, -3)
    .filter((line) => !/"type":"(?:result|session|turn\.\w+|agent_\w+)"|"init"/.test(line));
  const output =
    'src/lib/clip.ts:12:  const tail = "…" + text.slice(-max);\n\u001b[31m✗\u001b[0m 3 of 17\ttests\n'.repeat(90);
  const tool = JSON.stringify({ kind: 'tool', content: [{ text: output, is_error: false }], type: 'tool_output' });
  const block = `${[...middle, ...middle, ...middle, ...middle, tool].join('\n')}\n`;
  writeFileSync(path, `${first.join('\n')}\n`);
  const piece = block.repeat(Math.ceil(1e6 / block.length));
  for (let bytes = 0; bytes < STREAM_BYTES; bytes += Buffer.byteLength(piece)) appendFileSync(path, piece);
  appendFileSync(path, `${last.join('\n')}\n`);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
