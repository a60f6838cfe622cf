/** Timed loops as verbs print them (loops spec 3.3, 4.1): prompts and variables are never shown. Pure. */
import { redacted } from '../../lib/redacted.js';
import type { LoopSpec, LoopState, Target } from '../../model/loop.js';
import type { LoopEntry } from '../../store/loops.js';

/** The JSON of a loop. A broken one has the status `invalid` and says why. Absent fields are left out. */
export function publicLoop(entry: LoopEntry): Record<string, unknown> {
  if (entry.state === 'ok') return publicSpec(entry.spec, entry.loopState);
  const { id, name, createdAt, reason, loopState } = entry;
  return defined({ id, name, status: 'invalid', error: reason, createdAt, updatedAt: loopState?.updatedAt });
}

export function publicSpec(spec: LoopSpec, state: LoopState): Record<string, unknown> {
  const { format: _format, target, archived, ...own } = spec;
  return defined({
    ...own,
    target: publicTarget(target),
    archived: archived === true ? true : undefined,
    status: state.status,
    nextRunAt: state.nextRunAt,
    retryScheduledFor: state.retryScheduledFor,
    updatedAt: state.updatedAt,
  });
}

/** What `loops show` has beyond that. */
export function loopDetails(entry: LoopEntry): Record<string, unknown> {
  const state = entry.loopState;
  if (!state) return publicLoop(entry);
  const { missed, failureStreak, lastRun } = state;
  return defined({ ...publicLoop(entry), missed, failureStreak, lastRun });
}

/** A target without what nobody shall read: the prompt, and the values of variables. */
export function publicTarget(target: Target): Record<string, unknown> {
  if (target.type === 'workflow') return { ...target };
  const env = target.env === undefined ? {} : { env: '[redacted]' };
  return target.type === 'agent' ? { ...target, prompt: redacted(target.prompt), ...env } : { ...target, ...env };
}

/** One line of `loops list`. A name cannot forge another line. */
export function loopLine(entry: LoopEntry): string {
  const status = entry.state === 'ok' ? entry.loopState.status : 'invalid';
  const next = (entry.state === 'ok' && entry.loopState.nextRunAt) || '-';
  const machine = entry.state === 'ok' && entry.spec.machine !== undefined ? `  machine=${entry.spec.machine}` : '';
  const name = entry.state === 'ok' ? entry.spec.name : (entry.name ?? '?');
  const why = entry.state === 'ok' ? '' : `  (${inLine(entry.reason)})`;
  return `${entry.id}  ${status.padEnd(7)}  next=${next}  ${inLine(name)}${machine}${why}`;
}

/** The order of the list: status, then what comes next; what has no next time is last. */
export function byStatusAndNext(a: LoopEntry, b: LoopEntry): number {
  const key = (entry: LoopEntry): string =>
    entry.state === 'ok'
      ? `${entry.loopState.status} ${entry.loopState.nextRunAt ?? '~'} ${entry.id}`
      : `invalid ~ ${entry.id}`;
  return key(a) < key(b) ? -1 : 1;
}

/** Text of a stranger as part of one line. */
export const inLine = (text: string): string => text.replace(/[\s\u0085\u2028\u2029]+/g, ' ');

/** Without the members that are undefined: absent fields are left out of JSON, never null. */
export const defined = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
