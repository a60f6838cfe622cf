/** Suggestions for a mistyped word. Pure. */

/**
 * The known words closest to `word`, best first, at most `limit`: those that begin with it, and those within a third of the
 * word's length in edits (at least one edit), which catches a slip and never proposes an unrelated word.
 */
export function nearest(word: string, known: readonly string[], limit = 3): string[] {
  const reach = Math.max(1, Math.floor(word.length / 3));
  return known
    .map((candidate) => ({
      candidate,
      cost: word.length > 1 && candidate.startsWith(word) ? 0 : edits(word, candidate),
    }))
    .filter(({ cost }) => cost <= reach)
    .sort((a, b) => a.cost - b.cost || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** Levenshtein distance, with a swap of neighbours counted as one edit. A word past 64 characters is no slip of a verb's name. */
function edits(a: string, b: string): number {
  if (a.length > 64) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, rows[i - 2]![j - 2]! + 1);
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
