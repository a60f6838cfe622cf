/**
 * The gate: may this move happen without asking the human? Pure. Whatever is not proven harmless is asked. Shell text is judged
 * on its parse tree (gate/). Words of the user come in the order refuse, ask, allow, so the stricter word always wins; what
 * tend itself refuses no `gate.allow` covers, unless `gate.unsafe` says so. It is a gate, no sandbox: it judges what is
 * written, not what a program, an alias or a config file of the machine makes of it.
 */
import { parseCron } from '../lib/cron.js';
import type { Config } from '../model/config.js';
import type { Action, Move, MoveOf } from '../model/move.js';
import { everythingIn, type Written } from './gate/everything.js';
import { objectionToText } from './gate/judge-text.js';
import { matchesShape, readCommand } from './shape.js';

export interface GateVerdict {
  verdict: 'allow' | 'ask' | 'refuse';
  /** Why, for the ask, the journal and the next prompt. */
  reason: string;
  /** The command inside the move that decided it, when it is not the whole. */
  part?: string;
}

export type GateConfig = NonNullable<Config['gate']>;

/** The verdict on a move that a decider or a rule proposes. A human's own verb is its own yes and is not judged. */
export function judge(move: Move, gate: GateConfig = {}): GateVerdict {
  return (JUDGES[move.action] as (move: Move, gate: GateConfig) => GateVerdict)(move, gate);
}

/** Every kind must stand here: a new kind does not compile until somebody has said how it is judged. */
const JUDGES: { [A in Action]: (move: MoveOf<A>, gate: GateConfig) => GateVerdict } = {
  run_shell: (move, gate) => judgeShell(move.cmd, gate),
  noop: () => allow('it does nothing'),
  write_goal: () => allow('the version before is kept in history'),
  write_playbook: () => allow('the version before is kept in history'),
  write_sensor: (_move, gate) =>
    gate.sensors === 'allow'
      ? allow('gate.sensors allows it, and the version before is kept in history')
      : { verdict: 'ask', reason: 'a sensor is a script that runs again and again without being asked for' },
  remove_sensor: () => allow('the last version is kept in history'),
  archive_goal: () => allow('the goal is kept in the archive'),
  start_worker: judgeWorker,
  resume_worker: () => allow('it goes on with what was begun; a worker asks for itself and can be killed'),
  kill_worker: () => allow('its transcript is kept and it can be started again'),
  tell_worker: () => allow('it is a message'),
  ask_human: () => allow('it is a question'),
  write_schedule: judgeSchedule,
  drop_schedule: () => allow('a reminder can be written again, and a loop lies in the trash'),
};

const allow = (reason: string): GateVerdict => ({ verdict: 'allow', reason });

/** A worker asks for itself and can be killed; shell text that the decider gives along runs unasked, so it is judged like its own. */
function judgeWorker({ command, verify }: MoveOf<'start_worker'>, gate: GateConfig): GateVerdict {
  let worst = allow('a worker asks for itself and can be killed');
  for (const [field, text] of [
    ['command', command],
    ['verify', verify],
  ] as const) {
    if (text === undefined) continue;
    const found = judgeShell(text, gate);
    if (found.verdict === 'refuse' || (found.verdict === 'ask' && worst.verdict === 'allow'))
      worst = { ...found, reason: `its ${field} is not harmless by itself: ${found.reason}`, part: found.part ?? text };
  }
  return worst;
}

/** What runs again and again while nobody looks is asked about, however harmless it is; what is refused once is refused for ever. */
function judgeSchedule({ cmd, cron, timezone }: MoveOf<'write_schedule'>, gate: GateConfig): GateVerdict {
  if (cmd === undefined) return allow('it is a reminder');
  const parsed = cron === undefined ? undefined : parseCron(cron, timezone);
  if (parsed && !('cron' in parsed))
    return {
      verdict: 'refuse',
      reason: `${JSON.stringify(cron)} is no schedule: ${parsed.problem}; wanted: ${parsed.hint}`,
    };
  const found = judgeShell(cmd, gate);
  if (found.verdict === 'refuse') return found;
  return { verdict: 'ask', reason: 'it is a command that runs again and again without being asked for' };
}

/** The verdict on shell text; `part` is the piece that decided it, absent when nothing stood out. Never throws. */
export function judgeShell(cmd: string, gate: GateConfig = {}): GateVerdict {
  const { commands } = everythingIn(cmd);
  const refused = firstOf(gate.refuse, commands);
  if (refused) return { verdict: 'refuse', reason: `"${refused.shape}" is refused by gate.refuse`, part: refused.part };
  const objection = objectionToText(cmd);
  if (objection?.verdict === 'refuse' && !(gate.unsafe === true && allowedShape(cmd, gate) !== undefined))
    return objection;
  const asked = firstOf(gate.ask, commands);
  if (asked) return { verdict: 'ask', reason: `"${asked.shape}" is asked by gate.ask`, part: asked.part };
  const shape = allowedShape(cmd, gate);
  if (shape !== undefined) return allow(`"${shape}" is allowed by gate.allow`);
  return objection ?? allow('it only reads');
}

/** A shape covers a text that is one plain command and nothing else. */
function allowedShape(cmd: string, gate: GateConfig): string | undefined {
  const { simple } = readCommand(cmd);
  return simple && gate.allow?.find((shape) => matchesShape(shape, simple));
}

/** A command is also known by the last part of its path: `/bin/rm` is `rm` where we are strict, never where we allow. */
function firstOf(
  shapes: readonly string[] | undefined,
  commands: readonly Written[],
): { shape: string; part: string } | undefined {
  for (const shape of shapes ?? []) {
    for (const { words } of commands) {
      const [name = '', ...rest] = words;
      const bare = [name.slice(name.lastIndexOf('/') + 1), ...rest];
      if (matchesShape(shape, words) || matchesShape(shape, bare)) return { shape, part: words.join(' ') };
    }
  }
  return undefined;
}
