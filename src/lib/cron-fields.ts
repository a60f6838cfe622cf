/**
 * The text of a cron expression → its five fields, or what is wrong with it. Five fields only, by the grammar of cronie, plus
 * `?`, `L`, `W` and `#` in the day fields; what other programs put on top (seconds, years, `H`, `@every`, a zone in front) is
 * refused with a hint rather than guessed at.
 */

export interface CronFields {
  minute: string;
  hour: string;
  day: string;
  month: string;
  weekday: string;
}
export type FieldName = 'minute' | 'hour' | 'day of month' | 'month' | 'day of week';
/** `field` is absent when the whole is wrong. */
export interface CronProblem {
  problem: string;
  hint: string;
  field?: FieldName;
}

const NICKNAMES: Record<string, string> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const ORDER = 'minute hour day-of-month month day-of-week';

interface Grammar {
  name: FieldName;
  low: number;
  high: number;
  /** Value of a name; `atEnd`: it ends a range. */
  named(word: string, atEnd: boolean): number | undefined;
  /** A word of its own that is taken besides numbers and ranges. */
  special?: RegExp;
}

const GRAMMARS: readonly Grammar[] = [
  { name: 'minute', low: 0, high: 59, named: () => undefined },
  { name: 'hour', low: 0, high: 23, named: () => undefined },
  { name: 'day of month', low: 1, high: 31, named: () => undefined, special: /^(L|LW|\d{1,2}W)$/ },
  { name: 'month', low: 1, high: 12, named: (word) => place(MONTHS, word, 1) },
  {
    name: 'day of week',
    low: 0,
    high: 7,
    // Sunday ends a range as 7, so that FRI-SUN is the weekend.
    named: (word, atEnd) => (atEnd && word === 'SUN' ? 7 : place(DAYS, word, 0)),
    special: /^([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5L])$/,
  },
];

function place(names: readonly string[], word: string, first: number): number | undefined {
  const index = names.indexOf(word);
  return index < 0 ? undefined : index + first;
}

/** Blanks are collapsed, nicknames written out, letters made upper case, `?` made `*`. */
export function readCronFields(expression: string): CronFields | CronProblem {
  const text = expression.trim().replace(/\s+/g, ' ');
  if (text === '') return whole('it is empty', `five fields are wanted: ${ORDER}, as in "0 8 * * 1-5"`);
  if (text.startsWith('@')) {
    const meant = NICKNAMES[text.toLowerCase()];
    return meant === undefined
      ? whole(`there is no nickname ${quote(text)}`, `one of ${Object.keys(NICKNAMES).join(' ')}, or five fields`)
      : readCronFields(meant);
  }
  if (/^[A-Za-z_]+=/.test(text))
    return whole('it begins with a variable', 'give the zone beside the expression: --timezone Europe/Berlin');
  const words = text.toUpperCase().split(' ');
  if (text.includes('#') && words.some((word) => word.startsWith('#')))
    return whole('it has a comment', 'leave out everything from the # on');
  if (words.length !== 5)
    return whole(
      `it has ${words.length} field${words.length === 1 ? '' : 's'}, and 5 are wanted`,
      `${ORDER}, as in "0 8 * * 1-5"${words.length > 5 ? '; seconds and years are not taken' : ''}`,
    );
  const [minute, hour, day, month, weekday] = words.map((word) => word.replace(/^\?/, '*')) as [
    string,
    string,
    string,
    string,
    string,
  ];
  for (const [index, word] of [minute, hour, day, month, weekday].entries()) {
    const problem = fieldProblem(GRAMMARS[index]!, word);
    if (problem) return problem;
  }
  return { minute, hour, day, month, weekday };
}

const whole = (problem: string, hint: string): CronProblem => ({ problem, hint });
const quote = (text: string): string => JSON.stringify(text);

function fieldProblem(grammar: Grammar, field: string): CronProblem | undefined {
  for (const item of field.split(',')) {
    const wrong = itemProblem(grammar, item);
    if (wrong) return { problem: `${grammar.name}: ${wrong.problem}`, hint: wrong.hint, field: grammar.name };
  }
  return undefined;
}

function itemProblem(grammar: Grammar, item: string): { problem: string; hint: string } | undefined {
  const { low, high } = grammar;
  const wanted = `a number from ${low} to ${high}, a range such as ${low}-${high}, *, or a list of these`;
  if (item === '') return { problem: 'an item of the list is empty', hint: wanted };
  if (grammar.special?.test(item)) return undefined;
  const match = /^(\*|[A-Z0-9]+)(?:-([A-Z0-9]+))?(?:\/(.*))?$/.exec(item);
  if (!match || (match[1] === '*' && match[2] !== undefined))
    return { problem: `${quote(item)} is not understood`, hint: wanted };
  const [, first = '', last, step] = match;
  const from = first === '*' ? low : numberOf(grammar, first, false);
  const to = last === undefined ? from : numberOf(grammar, last, true);
  for (const [word, value] of [
    [first, from],
    [last ?? first, to],
  ] as const)
    if (value === undefined) return { problem: `${quote(word)} is not understood`, hint: wanted };
    else if (value < low || value > high) return { problem: `${word} is not between ${low} and ${high}`, hint: wanted };
  if (from! > to!)
    return { problem: `the range ${quote(item)} is reversed`, hint: `two ranges: ${first}-${high},${low}-${last}` };
  if (step === undefined) return undefined;
  return stepProblem(grammar, { item, step, single: first !== '*' && last === undefined, first });
}

function stepProblem(
  { high, low }: Grammar,
  { item, step, single, first }: { item: string; step: string; single: boolean; first: string },
): { problem: string; hint: string } | undefined {
  // Sunday is both 0 and 7, and still one day.
  const size = high === 7 ? 7 : high - low + 1;
  if (single) return { problem: `${quote(item)} has a step but no range`, hint: `${first}-${high}/${step}` };
  if (!/^\d{1,4}$/.test(step) || Number(step) === 0)
    return { problem: `the step ${quote(step)} is none`, hint: `a whole number from 1 to ${size}` };
  return Number(step) > size ? { problem: `the step ${step} is past ${size}`, hint: `at most ${size}` } : undefined;
}

function numberOf(grammar: Grammar, word: string, atEnd: boolean): number | undefined {
  return /^\d{1,4}$/.test(word) ? Number(word) : grammar.named(word, atEnd);
}

/** Values of a minute or hour field that was checked, ascending. */
export function fieldValues(field: string, high: number): number[] {
  const values = new Set<number>();
  for (const item of field.split(',')) {
    const [range = '', step = '1'] = item.split('/');
    const [first = '', last] = range.split('-');
    const from = first === '*' ? 0 : Number(first);
    const to = first === '*' ? high : Number(last ?? first);
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}
