/**
 * Every kind of target with who performs it. A new kind is a file and a line here. What is not on the path of a plain command is
 * loaded when it is needed.
 */
import type { Target } from '../model/loop.js';
import type { StepTarget } from '../model/workflow.js';
import { performCommand } from './command.js';
import type { Performed, Performer, PerformRequest, RunDeps } from './performer.js';
import { notStarted } from './told-end.js';

type Kind = (Target | StepTarget)['type'];
type TargetOf<K extends Kind> = Extract<Target | StepTarget, { type: K }>;

const PERFORMERS: { readonly [K in Kind]?: () => Promise<Performer<TargetOf<K>>> } = {
  command: async () => performCommand,
  workflow: async () => (await import('./workflow/perform.js')).workflowPerformer(perform),
  agent: async () => (await import('./agent.js')).performAgent,
};

/** Performs one attempt of one target of any kind. Never throws: what goes wrong, here too, is a failed attempt that says why. */
export async function perform(deps: RunDeps, request: PerformRequest): Promise<Performed> {
  const { type } = request.target;
  try {
    const performer = (await PERFORMERS[type]?.()) as Performer | undefined;
    return performer
      ? await performer(deps, request)
      : notStarted(`Cannot run a target of the type ${JSON.stringify(type)} here`);
  } catch (error) {
    return notStarted(`Cannot run the ${type}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
