/**
 * An agent CLI of ours as the model: one call in the mode in which it decides, so without the means to act. Its prompt lies in the
 * ledger's directory of the objective or goes to stdin; argv has none of it.
 */
import { childEnv } from '../../host/children-env.js';
import { now } from '../../host/clock.js';
import { nonce } from '../../lib/hash.js';
import { messageOf } from '../../model/error.js';
import { unixSeconds } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import { tickCommand } from '../../runners/command.js';
import { type Launched, launch } from '../../runners/launch.js';
import { envFor } from '../../runners/provider-keys.js';
import { quietEnv } from '../../runners/quiet-env.js';
import { RUNNER_NAMES, runnerNamed, runnerOf } from '../../runners/registry.js';
import type { RunResult } from '../../runners/result.js';
import type { Runner } from '../../runners/runner.js';
import { addUsage, takeUsageLines, usageOfResult } from '../../runners/usage.js';
import { loadConfig } from '../../store/config.js';
import type { RunDeps } from '../performer.js';
import type { Model, ModelAnswer, ModelRequest } from './model-call.js';

/** `name` is what stands behind `runner:`; empty for the runner of the config. */
export function runnerModel(deps: RunDeps, name: string): Model | { problem: string } {
  const { config } = loadConfig(deps.profile.configPath);
  const runner = name === '' ? runnerOf(config) : runnerNamed(name);
  if (!runner)
    return {
      problem: `Cannot plan the goal: there is no runner ${JSON.stringify(name)}; known are ${RUNNER_NAMES.join(', ')}`,
    };
  // The config's command is that of the config's runner.
  const isConfigs = runner.name === runnerOf(config).name;
  const template = isConfigs ? config.tick_command : undefined;
  if (template === undefined && runner.tick === undefined)
    return { problem: `Cannot plan the goal: the runner "${runner.name}" calls no model` };
  if (/\{\{schema(_file)?\}\}/.test(template ?? ''))
    return {
      problem: 'Cannot plan the goal: "tick_command" holds its model to the schema of a decision, and a plan is none',
    };
  const { model, thinking } = isConfigs ? config : { model: undefined, thinking: undefined };
  const terms = {
    ...(template ? { tick_command: template } : {}),
    ...(model ? { model } : {}),
    ...(thinking ? { thinking } : {}),
  };
  const call = (request: ModelRequest) =>
    callRunner(
      deps,
      { runner, terms, timeoutS: resolveKnobs(deps.env, config).knobs.tickTimeoutS, pass: config.pass_keys },
      request,
    );
  return { name: runner.name, call };
}

interface Setup {
  runner: Runner;
  terms: { tick_command?: string; model?: string; thinking?: string };
  /** A decision may take as long. */
  timeoutS: number;
  pass: readonly string[] | undefined;
}

async function callRunner(deps: RunDeps, setup: Setup, request: ModelRequest): Promise<ModelAnswer> {
  const { disk } = deps;
  const { runner, terms, timeoutS, pass } = setup;
  const prompt = `${request.system}\n\n${request.prompt}\n`;
  const promptKey = `${request.file}.md`;
  try {
    disk.replace(promptKey, disk.clean?.(prompt) ?? prompt);
    const command = tickCommand(
      runner,
      { ...terms, answer_schema: 'off' },
      {
        promptFile: disk.path(promptKey),
        schemaFile: '',
        withoutSchema: true,
      },
    );
    const env = envFor(deps.env, command.shell, pass ?? []);
    const launched = await launch({
      shell: command.shell,
      cwd: disk.root,
      env: {
        ...quietEnv(runner, 'decide'),
        ...childEnv(env, deps.profile, deps.bin, { sessionId: 'decider', mark: nonce() }),
      },
      ...(command.takesStdin ? { input: disk.clean?.(prompt) ?? prompt } : {}),
      timeoutS,
      ...(runner.stop ? { gentle: runner.stop } : {}),
      signal: request.signal,
    });
    return answerOf(runner, launched, terms.model);
  } catch (error) {
    return {
      state: 'failed',
      error: `the runner "${runner.name}" could not be called: ${messageOf(error)}`,
      tokens: 0,
    };
  }
}

function answerOf(runner: Runner, launched: Launched, asked: string | undefined): ModelAnswer {
  const stdout = takeUsageLines(launched.stdout);
  const model = asked || runner.defaults.model;
  const reader = runner.reader({ nowS: unixSeconds(now()), ...(model ? { model } : {}) });
  reader.write(Buffer.from(stdout.text));
  const ended = { timeout: 'timeout', aborted: 'aborted', 'not-started': 'spawn' } as const;
  const how = launched.end in ended ? ended[launched.end as keyof typeof ended] : undefined;
  const result = reader.end({
    exit: launched.exitCode,
    stderrTail: launched.stderrTail,
    ...(how ? { ended: how } : {}),
    ...(launched.end === 'signal' && launched.detail ? { signal: launched.detail } : {}),
  });
  const usage = addUsage(addUsage(stdout.usage, takeUsageLines(launched.stderrTail).usage), usageOfResult(result));
  const account = {
    tokens: (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0),
    ...(usage.input_tokens === undefined ? {} : { inputTokens: usage.input_tokens }),
    ...(usage.output_tokens === undefined ? {} : { outputTokens: usage.output_tokens }),
    ...(usage.usd === undefined ? {} : { usd: usage.usd }),
  };
  if (launched.end === 'aborted') return { state: 'aborted', ...account };
  const error = problemOf(runner, launched, result);
  return error === undefined
    ? { state: 'said', text: result.text, ...account }
    : { state: 'failed', error, ...account };
}

function problemOf(runner: Runner, { end, detail }: Launched, result: RunResult): string | undefined {
  if (end === 'timeout') return `the runner "${runner.name}" did not answer in time`;
  if (end !== 'exited') return `the runner "${runner.name}" ended by ${end}${detail ? `: ${detail}` : ''}`;
  return result.ok ? undefined : `the runner "${runner.name}" failed: ${result.error ?? result.reason}`;
}
