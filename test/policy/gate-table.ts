/**
 * Commands and the verdicts they must get: one a line in gate-table/*.txt, and here what has several lines or odd bytes.
 * Harmless is what a developer or operator types all day to look at things: at most one in ten may ever be asked.
 */
import { readFileSync } from 'node:fs';

const lines = (name: string): string[] =>
  readFileSync(new URL(`./gate-table/${name}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');

export const HARMLESS: readonly string[] = [
  ...lines('harmless'),
  ...lines('harmless-more'),
  ...lines('harmless-daily'),
  'git log \\\n  --oneline \\\n  -5',
  'ls\npwd',
  '# look first\ngit status\n',
  "cut -f1 -d$'\\t' data.tsv",
];

export const ASKED: readonly string[] = [
  ...lines('asked'),
  'cat <<EOF\n$(rm x)\nEOF',
  "sh <<'EOF'\nrm x\nEOF",
  'ls\nrm x',
  'ls # comment\nrm x',
  'ls \\\nrm; rm x',
  'r\\\nm x',
  'ls\r\nrm x',
  'ls\u00a0-la',
  'ls \u202e-la',
  'l\u200bs',
  'gіt status',
  'ls\u0000rm',
  'ls\u001b[2K',
  ' ',
  '',
  '#',
  `${'$('.repeat(3000)}ls`,
  `ls ${'('.repeat(3000)}`,
  `${'{ '.repeat(400)}ls; ${'}; '.repeat(400)}`,
  `${"sh -c '".repeat(6)}ls`,
];

export const REFUSED: readonly string[] = [
  ...lines('refused'),
  'ls\nrm -rf /',
  'ls # harmless\nrm -rf /',
  'cat <<EOF\n$(rm -rf /)\nEOF',
];

/** Harmless to a human who knows the project, and asked all the same, each for a reason that the gate can name. */
export const HARMLESS_ASKED: readonly string[] = lines('harmless-asked');

/** Asked or refused, whichever; allowed at no price. */
export const NOT_ALLOWED: readonly string[] = lines('not-allowed');

/** Ways to write, run, send or leak something through what looks like a question; allowed at no price. */
export const ATTACKS: readonly string[] = lines('attacks');
