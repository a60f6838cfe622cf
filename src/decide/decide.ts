/**
 * One decision: is it time (wake) → do the rules know (rules) → ask the model (prompt, think). Acts on nothing and writes no
 * memory: it returns the move and the memory as it would be, and the pulse makes both true (remember.ts).
 */

import { type Instant, localDay, unixSeconds } from '../model/instant.js';
import type { Memory } from '../model/memory.js';
import type { Decided } from '../model/move.js';
import type { World } from '../model/world.js';
import { budget, daySpend } from '../policy/budget.js';
import { logEvent } from '../store/events.js';
import { readSpend } from '../store/spend.js';
import type { CallDeps } from './call.js';
import type { CallFailure } from './failure.js';
import { type RuleProblem, ruleProblemText } from './goal-rules.js';
import { buildPrompt } from './prompt/build-prompt.js';
import type { Inbox, Prompt } from './prompt/prompt-input.js';
import { matchRule, type RuleLook } from './rules.js';
import type { BeatRun } from './think.js';
import { strongDeps, think } from './think.js';
import { healed, recentAttempts, type Wake, wake } from './wake.js';

export interface DecideDeps extends Omit<CallDeps, 'attempting'> {
  /** Texts of seeds/prompts. */
  prompts: { instructions: string; constitution: string };
  /** Makes this memory durable before a model call, so that attempts are counted even if we die in it. A throw prevents the call. */
  attempting(memory: Memory): void;
}

export interface DecideRequest {
  world: World;
  memory: Memory;
  now: Instant;
  forced: boolean;
  input: { inbox: Inbox /** Newest lines without `- `. */; journal: readonly string[] };
}

interface Common {
  /** What to write when nothing else comes of this beat; for a move or a failure: input of remember.ts. */
  memory: Memory;
  ruleProblems: RuleProblem[];
}

export type DecideResult =
  | (Common & { state: 'idle'; gate: Extract<Wake, { think: false }>['gate']; why: string; until?: Instant })
  | (Common & {
      state: 'move';
      /** Why this beat looked. */
      why: string;
      decided: Decided;
      by: 'rule' | 'model' | 'embedded';
      /** The goal whose rule it is. */
      goal?: string;
      fired?: { ruleKey: string; firedIn: string };
      run?: BeatRun;
      /** Answers that were seen: to be consumed when the move has taken effect, and no others. */
      seenAnswers: string[];
      /** Something in this same world still waits for its turn: look again soon, although nothing will have changed. */
      lookAgain: boolean;
    })
  | (Common & { state: 'failed'; why: string; run?: BeatRun } & CallFailure);

/** Throws only when the day's spend cannot be read: then nothing may be spent. */
export async function decide(deps: DecideDeps, request: DecideRequest): Promise<DecideResult> {
  const spend = daySpend(readSpend(deps.disk, localDay(request.now)).rows);
  const memory = healed(request.memory, deps.knobs, request.now);
  const woken = wake({ ...request, memory, knobs: deps.knobs, spend });
  if (!woken.think && !isOnlyAboutModels(woken.gate)) return idle(woken, memory, []);
  const look = await matchRule(request.world, memory, request.now);
  const ruled = { ...memory, rules: look.fired };
  if (look.match) {
    const why = woken.think ? woken.why : `rules look also while no model is asked (${woken.why})`;
    return ruleMove(deps, request, { memory: ruled, look, why });
  }
  if (deps.runner.isEmbedded) return embeddedNoop(request, { memory: ruled, look, why: woken.why });
  if (!woken.think) return idle(woken, ruled, look.problems);
  return modelMove(deps, request, { memory: ruled, look, why: woken.why });
}

/** Rules cost nothing, so the gates that ration models do not hold them. */
export const isOnlyAboutModels = (gate: Extract<Wake, { think: false }>['gate']): boolean =>
  gate === 'cap' || gate === 'budget' || gate === 'quota' || gate === 'breaker';

function idle(woken: Extract<Wake, { think: false }>, memory: Memory, ruleProblems: RuleProblem[]): DecideResult {
  const { gate, why, until } = woken;
  return { state: 'idle', gate, why, ...(until === undefined ? {} : { until }), memory, ruleProblems };
}

function ruleMove(deps: DecideDeps, { input }: DecideRequest, { memory, look, why }: Thinking): DecideResult {
  const { goal, decided, ruleKey, firedIn } = look.match!;
  const answers = input.inbox.answers.map((answer) => answer.id);
  // Rules see that an answer is there; with a model at hand it is the model that reads it, in a look of its own.
  const isUnread = answers.length > 0 && !deps.runner.isEmbedded;
  return {
    state: 'move',
    why,
    decided,
    by: 'rule',
    goal,
    fired: { ruleKey, firedIn },
    seenAnswers: isUnread ? [] : heardByRules(input.inbox),
    lookAgain: look.hasMore || isUnread,
    memory,
    ruleProblems: look.problems,
  };
}

/** Where there is no model, rules alone are told of answers; what the human said of the setup is prose and waits for a model. */
const heardByRules = (inbox: Inbox): string[] =>
  inbox.answers.filter((answer) => answer.kind !== 'setup').map((answer) => answer.id);

const embeddedNoop = ({ input }: DecideRequest, { memory, look, why }: Thinking): DecideResult => ({
  state: 'move',
  why,
  decided: { move: { action: 'noop', reason: 'no rule matched' } },
  by: 'embedded',
  seenAnswers: heardByRules(input.inbox),
  lookAgain: false,
  memory,
  ruleProblems: look.problems,
});

interface Thinking {
  memory: Memory;
  look: RuleLook;
  why: string;
}

async function modelMove(deps: DecideDeps, request: DecideRequest, thinking: Thinking): Promise<DecideResult> {
  const prompt = promptOf(deps, request, thinking);
  if (prompt.truncated.length > 0) {
    logEvent(deps.disk, request.now, 'prompt.truncated', {
      items: prompt.truncated.slice(0, 100),
      all: prompt.truncated.length,
    });
  }
  let { memory } = thinking;
  const thought = await think(
    {
      ...deps,
      attempting: (at) => {
        const ts = unixSeconds(at);
        memory = { ...memory, decides: [...recentAttempts(memory.decides, ts), ts] };
        deps.attempting(memory);
      },
      mayRepair: () => barred(deps, memory),
    },
    prompt.text,
  );
  const common = {
    why: thinking.why,
    memory: memory === thinking.memory ? memory : withoutWake(memory),
    ruleProblems: thinking.look.problems,
  };
  if (thought.state === 'failed') return { ...common, ...thought };
  const { decided, run } = thought;
  return {
    ...common,
    memory: withoutPause(common.memory),
    state: 'move',
    decided,
    by: 'model',
    run,
    seenAnswers: prompt.shownAnswers,
    lookAgain: prompt.hiddenAnswers,
  };
}

/** The look that an earlier decision asked for has been had once a model was called, whatever came of it; before that it stays due. */
function withoutWake({ nextWake: _had, ...memory }: Memory): Memory {
  return memory;
}

/** A model that answered has a quota, and nothing of it needs to be mended. */
function withoutPause({ quota: _quota, breaker: _breaker, ...memory }: Memory): Memory {
  return memory;
}

function promptOf(
  deps: DecideDeps,
  request: DecideRequest,
  { memory, look, why }: Thinking,
): Prompt & { hiddenAnswers: boolean } {
  const { world, now, input } = request;
  const prompt = buildPrompt({
    ...deps.prompts,
    dataDir: deps.disk.root,
    world,
    memory,
    inbox: input.inbox,
    journal: input.journal,
    ruleProblems: look.problems.map(ruleProblemText),
    why,
    now,
    maxBytes: deps.knobs.promptBytes,
    digests: deps.knobs.promptDigests > 0,
    canAskStronger: strongDeps(deps) !== undefined,
  });
  return { ...prompt, hiddenAnswers: prompt.shownAnswers.length < input.inbox.answers.length };
}

/** A repair call is a call: cap and budget are asked anew, with what the first one has cost. */
function barred(deps: DecideDeps, memory: Memory): string | undefined {
  const at = deps.clock();
  const cap = deps.knobs.decidesPerHour;
  if (cap > 0 && recentAttempts(memory.decides, unixSeconds(at)).length >= cap) return 'the hourly cap is reached';
  const verdict = budget(daySpend(readSpend(deps.disk, localDay(at)).rows), deps.knobs);
  return verdict.state === 'ok' ? undefined : verdict.reason;
}
