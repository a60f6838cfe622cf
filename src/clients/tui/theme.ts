/** How things look, by what they mean. Nothing is said by colour alone: without it a word, a sign or bold says the same. */
import type { Style } from './text-line.js';

export const THEME = {
  plain: {},
  dim: { dim: true },
  strong: { bold: true },
  emphasis: { italic: true },
  gone: { strike: true },
  head: { bold: true, dim: true },
  heading: { bold: true, fg: '36' },
  code: { fg: '33' },
  link: { underline: true, fg: '34' },
  quote: { dim: true, italic: true },
  good: { fg: '32' },
  bad: { bold: true, fg: '31' },
  warn: { bold: true, fg: '33' },
  title: { inverse: true, bold: true },
  bar: { bg: '48;5;236' },
  selected: { bold: true, bg: '48;5;237' },
  key: { bold: true, fg: '36' },
} as const satisfies Record<string, Style>;
