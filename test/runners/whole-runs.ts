/** Whole runs in the shapes that the CLIs print: what each came to, through the reader of its CLI. */
import { expect, test } from 'vitest';
import { runnerNamed } from '../../src/runners/registry.js';
import type { RunResult } from '../../src/runners/result.js';

export const NOW_S = 1_795_240_000;

/** An event, or bytes that are none. */
export type Line = object | string;

/** `usage`: tokens fresh, out, read from a cache, written to one. */
export type Expected = Partial<Omit<RunResult, 'usage'>> & { usage?: readonly [number, number, number, number] };

/** `end`: exit code, or the signal that ended it. */
export type Row = readonly [name: string, lines: readonly Line[], end: number | string, expected: Expected];

let serial = 0;

/** An id as each event has its own. */
export function ownId(letter: string): string {
  serial += 1;
  return `${letter}${serial}`;
}

/** One block of a message. */
export const text = (words: string): object => ({ type: 'text', text: words });

/** A test for each row. A row without a reason is a success. */
export function checkRuns(runner: string, rows: readonly Row[]): void {
  test.each(rows)(`${runner}: %s`, (_, lines, end, { usage, ...expected }) => {
    const reader = runnerNamed(runner)!.reader({ nowS: NOW_S });
    const printed = lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join('');
    reader.write(Buffer.from(printed));
    const came = reader.end(
      typeof end === 'number' ? { exit: end, stderrTail: '' } : { exit: null, signal: end, stderrTail: '' },
    );
    expect(came).toMatchObject({ ok: (expected.reason ?? 'done') === 'done', ...expected });
    if (!usage) return;
    const {
      input_tokens: input,
      output_tokens: output,
      cache_read_tokens: read,
      cache_write_tokens: written,
    } = came.usage;
    expect([input, output, read, written]).toEqual(usage);
  });
}
