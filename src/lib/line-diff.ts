/** What changed between two texts, by lines, for people: a few lines of context, `-` for the old, `+` for the new. Pure. */

/** Lines around a change that are shown. */
const CONTEXT = 3;
/** Cells of the comparison table; past it the differing middle is shown as replaced as a whole. 4 M cells are 16 MB. */
const CELLS_MAX = 4_000_000;

type Line = readonly [mark: ' ' | '-' | '+', text: string];

/** A unified-looking diff without a final newline; empty when the texts have the same lines. */
export function lineDiff(before: string, after: string): string {
  const lines = compare(linesOf(before), linesOf(after));
  const shown = new Set<number>();
  for (const [at, [mark]] of lines.entries())
    if (mark !== ' ') for (let near = at - CONTEXT; near <= at + CONTEXT; near++) shown.add(near);
  const out: string[] = [];
  let last = -1;
  for (const [at, [mark, text]] of lines.entries()) {
    if (!shown.has(at)) continue;
    if (last >= 0 && at > last + 1) out.push('…');
    out.push(`${mark}${text}`);
    last = at;
  }
  return out.join('\n');
}

/** A final newline ends a line and begins none. */
const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const room = Math.min(before.length, after.length) - head;
  while (tail < room && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (line: string): Line => [' ', line];
  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  return [...before.slice(0, head).map(same), ...middle(a, b), ...before.slice(before.length - tail).map(same)];
}

/** Longest common subsequence by the usual table. */
function middle(a: readonly string[], b: readonly string[]): Line[] {
  const whole = [...a.map((line): Line => ['-', line]), ...b.map((line): Line => ['+', line])];
  const width = b.length + 1;
  if ((a.length + 1) * width > CELLS_MAX) return whole;
  const length = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i * width + j] =
        a[i] === b[j]
          ? length[(i + 1) * width + j + 1]! + 1
          : Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!);
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([' ', a[i]!]);
      i++;
      j++;
    } else if (i < a.length && (j === b.length || length[(i + 1) * width + j]! >= length[i * width + j + 1]!))
      lines.push(['-', a[i++]!]);
    else lines.push(['+', b[j++]!]);
  }
  return lines;
}
