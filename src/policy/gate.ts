/**
 * The gate: may this move happen without asking the human? Pure. Whatever is not proven harmless is asked; shapes that the
 * user wrote come in the order refuse, ask, allow, so the stricter word always wins.
 */
import type { Config } from '../model/config.js';
import type { Action, Move, MoveOf } from '../model/move.js';
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
  write_sensor: () => allow('the version before is kept in history'),
  remove_sensor: () => allow('the last version is kept in history'),
  archive_goal: () => allow('the goal is kept in the archive'),
  start_worker: () => allow('a worker asks for itself and can be killed'),
  kill_worker: () => allow('its transcript is kept and it can be started again'),
  tell_worker: () => allow('it is a message'),
  ask_human: () => allow('it is a question'),
  write_schedule: () => allow('it is a reminder'),
  drop_schedule: () => allow('it is a reminder'),
};

const allow = (reason: string): GateVerdict => ({ verdict: 'allow', reason });

function judgeShell(cmd: string, gate: GateConfig): GateVerdict {
  const reading = readCommand(cmd);
  const refused = firstInside(gate.refuse, reading.inside);
  if (refused) return { verdict: 'refuse', reason: `"${refused.shape}" is refused by gate.refuse`, part: refused.part };
  const asked = firstInside(gate.ask, reading.inside);
  if (asked) return { verdict: 'ask', reason: `"${asked.shape}" is asked by gate.ask`, part: asked.part };
  const { simple } = reading;
  if (simple === undefined) return { verdict: 'ask', reason: `gate.allow cannot cover it: ${reading.why}` };
  const shape = gate.allow?.find((one) => matchesShape(one, simple));
  if (shape !== undefined) return allow(`"${shape}" is allowed by gate.allow`);
  return { verdict: 'ask', reason: 'no shape in gate.allow covers this command' };
}

/** A command is also known by the last part of its path: `/bin/rm` is `rm` where we are strict, never where we allow. */
function firstInside(
  shapes: readonly string[] | undefined,
  inside: readonly string[][],
): { shape: string; part: string } | undefined {
  for (const shape of shapes ?? []) {
    for (const words of inside) {
      const [name = '', ...rest] = words;
      const bare = [name.slice(name.lastIndexOf('/') + 1), ...rest];
      if (matchesShape(shape, words) || matchesShape(shape, bare)) return { shape, part: words.join(' ') };
    }
  }
  return undefined;
}
