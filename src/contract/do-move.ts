/** A human's verb that is a move: it goes through the same door as the decider's, which journals it. */
import type { ActResult } from '../act/act.js';
import { now } from '../host/clock.js';
import { refused, TendError } from '../model/error.js';
import { resolveKnobs } from '../model/knobs.js';
import type { Move } from '../model/move.js';
import { loadConfig } from '../store/config.js';
import type { Context } from './verb.js';

/** Does it and returns its summary. Throws what the door refused (exit 1), or what it tried and failed at. */
export async function doMove(context: Context, move: Move, journal?: string): Promise<string> {
  return (await carryOut(context, move, journal)).summary;
}

/** The same, with all that the door says about a move that is done. */
export async function carryOut(
  context: Context,
  move: Move,
  journal?: string,
): Promise<Extract<ActResult, { state: 'done' }>> {
  const { act } = await import('../act/act.js');
  const { config, raw } = loadConfig(context.profile.configPath);
  const { knobs, warnings } = resolveKnobs(context.env, raw);
  for (const warning of warnings) context.warn(warning);
  const { disk, profile, env, bin, seeds, signal } = context;
  const result = await act(
    { disk, profile, env, bin, seeds, signal, config, knobs, whenAborted: 'stop' },
    { move, origin: { by: 'human', user: context.session.user }, ...(journal === undefined ? {} : { journal }) },
    now(),
  );
  switch (result.state) {
    case 'done':
      return result;
    case 'refused':
      throw refused(result.code, result.reason, result.hint);
    case 'failed':
      throw new TendError('failed', result.reason, { code: result.code, hint: result.hint ?? 'tend status' });
    case 'left-running':
      throw new TendError('aborted', `Interrupted: run "${result.run}" goes on`, { code: 'interrupted' });
    case 'asked':
      throw refused('asked', `The human must say yes first: ${result.reason}`, `tend answer ${result.ask} yes`);
  }
}
