/** A check-up of timed loops in the form of @hasna/loops (loops spec 13). Pure. */
import { terminalSafe } from '../../lib/terminal-safe.js';
import type { CheckReport, Finding, LoopLook } from '../../ops/doctor/check.js';

export interface LoopsCheck {
  id: string;
  status: 'ok' | 'warn' | 'fail';
  message: string;
  /** The next command to type. */
  detail?: string;
}

/** Our checks under the names that scripts know; those that loops do not need are left out. */
const NAMES: Readonly<Record<string, string>> = {
  node: 'node',
  disk: 'fs-space',
  pulse: 'daemon',
  clock: 'clock',
  quarantine: 'corrupt',
  'loop-runs': 'loop-runs',
  orphans: 'orphans',
  accounts: 'accounts',
  'goal-key': 'goal-key',
  tz: 'tz',
};
export const OF_LOOPS: readonly string[] = Object.keys(NAMES);

/** What is worth knowing is no fault. */
const STATUS = { ok: 'ok', note: 'ok', warn: 'warn', fail: 'fail' } as const;
/** What their scripts call otherwise: loops without a pulse are run by "tick", and a missing "accounts" was always a warning there. */
const OWN_STATUS: Readonly<Record<string, Partial<Record<CheckReport['level'], LoopsCheck['status']>>>> = {
  pulse: { fail: 'warn' },
  accounts: { note: 'warn' },
};

export const checkLines = (reports: readonly CheckReport[]): LoopsCheck[] =>
  reports.flatMap(({ id, about, level, findings }) => {
    const worst: Finding | undefined = findings.find((finding) => finding.level === level) ?? findings[0];
    const name = NAMES[id];
    const status = OWN_STATUS[id]?.[level] ?? STATUS[level];
    return name === undefined
      ? []
      : [{ id: name, status, message: worst?.what ?? about, ...(worst?.cure ? { detail: worst.cure } : {}) }];
  });

export const loopLines = (loops: readonly LoopLook[]): LoopsCheck[] =>
  loops.map(({ id, name, state, problem }) => ({
    id: state === 'active' ? `loop:${id}:preflight` : `loop:${id}:spec`,
    status: problem === undefined ? 'ok' : 'fail',
    message:
      problem === undefined
        ? `"${name}" is ready`
        : `"${name}" ${state === 'active' ? 'could not start' : 'cannot be read'}`,
    ...(problem === undefined ? {} : { detail: problem }),
  }));

const ID_WIDTH = 22;

export const renderLoopsDoctor = (checks: readonly LoopsCheck[]): string =>
  checks
    .map(({ id, status, message, detail }) =>
      terminalSafe(
        `${status.padEnd(4)} ${id.padEnd(ID_WIDTH)} ${message}${detail === undefined ? '' : ` (${detail})`}`.replace(
          /\s*\n\s*/g,
          ' ',
        ),
      ),
    )
    .join('\n');
