/** Throw-away profiles of a given size. Records have the form that tend writes; they are not synced, a benchmark may lose them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderFrontMatter } from '../../src/lib/front-matter.js';
import { jsonRecord, jsonRow } from '../../src/store/codec.js';

export interface BenchProfile {
  base: string;
  dataDir: string;
  /** For tend and whatever it starts. */
  env: Record<string, string>;
  write(path: string, text: string, mode?: number): void;
  remove(): void;
}

export function makeProfile(): BenchProfile {
  const base = mkdtempSync(join(tmpdir(), 'tb-'));
  const dataDir = join(base, 'data');
  mkdirSync(join(base, 'run'), { mode: 0o700 });
  const write = (path: string, text: string, mode = 0o600) => {
    mkdirSync(dirname(join(dataDir, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(dataDir, path), text, { mode });
  };
  return {
    base,
    dataDir,
    env: { TEND_DATA_DIR: dataDir, XDG_RUNTIME_DIR: join(base, 'run') },
    write,
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** A profile for as long as `work` takes. */
export async function within<T>(work: (profile: BenchProfile) => Promise<T>): Promise<T> {
  const profile = makeProfile();
  try {
    return await work(profile);
  } finally {
    profile.remove();
  }
}

const TS = 1_795_252_903;

export function fill(
  { write }: Pick<BenchProfile, 'write'>,
  sizes: { goals?: number; pending?: number; answered?: number; runs?: number },
): void {
  for (let i = 0; i < (sizes.goals ?? 0); i++)
    write(`goals/goal-${i}.md`, `# Goal ${i}\n\nKeep the thing number ${i} in order.\n`);
  for (let i = 0; i < (sizes.pending ?? 0); i++) writeAsk(write, `w${i}-1`, i);
  for (let i = 0; i < (sizes.answered ?? 0); i++) {
    const id = `a${i}-1`;
    writeAsk(write, id, i);
    const head = { format: 1, id, outcome: 'answered', by: 'me', channel: 'cli', ts: TS };
    write(`answers/${id}.md`, renderFrontMatter(head, 'yes'));
    write(`consumed/${id}.json`, jsonRecord({ by: 'bench', ts: TS }));
  }
  const rows = Array.from({ length: sizes.runs ?? 0 }, (_, i) =>
    jsonRow({ id: `beat-20261121-074200-${i}`, kind: 'beat', ts: TS, duration_ms: 9, ok: true, summary: 'noop' }),
  );
  if (rows.length > 0) write('runs/2026-11-21.ndjson', `${rows.join('\n')}\n`);
}

function writeAsk(write: BenchProfile['write'], id: string, i: number): void {
  const worker = id.slice(0, id.lastIndexOf('-'));
  const head = { format: 1, id, worker, kind: 'question', urgency: 'normal', options: ['yes', 'no'], ts: TS + i };
  const prompt = `May I do thing ${i}?\n\nIt is a longer text with a few words of context.`;
  write(`asks/${id}.md`, renderFrontMatter(head, prompt));
}
