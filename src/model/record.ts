import type * as z from 'zod/mini';

/** Version of every record in the data dir. A reader refuses a greater one and never guesses. */
export const FORMAT = 1;

export type Checked<T> = { value: T; problems?: never } | { value?: never; problems: string[] };

/** Checks `data` against a schema; each problem names its field: `in_s: expected number`. */
export function check<T>(schema: z.ZodMiniType<T>, data: unknown): Checked<T> {
  // Without reportInput an issue does not tell a wrong type from a missing field.
  const result = schema.safeParse(data, { reportInput: true });
  if (result.success) return { value: result.data };
  return {
    problems: result.error.issues.map((issue) => `${issue.path.map(String).join('.') || 'record'}: ${say(issue)}`),
  };
}

/** Newer-format test, before anything else is believed. */
export function isNewer(data: unknown): boolean {
  const format = (data as { format?: unknown } | null)?.format;
  return typeof format === 'number' && format > FORMAT;
}

function say(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? `missing, expected ${issue.expected}` : `expected ${issue.expected}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map((v) => JSON.stringify(v)).join(', ')}`;
    case 'too_big':
      return `too large, at most ${issue.maximum}`;
    case 'too_small':
      return `too small, at least ${issue.minimum}`;
    case 'invalid_union':
      return 'no kind that is known';
    case 'unrecognized_keys':
      return `unknown field ${issue.keys.join(', ')}`;
    default:
      return issue.message || issue.code;
  }
}
