/** The targets of steps as a workflow file writes them: command, agent, ask. Pure; notes every problem and goes on. */

import { LIMITS } from '../../model/limits.js';
import { type AgentTarget, PROVIDERS } from '../../model/loop.js';
import type { StepTarget } from '../../model/workflow.js';
import { agentWordsProblem } from '../adapters.js';
import {
  type Fields,
  fieldsOf,
  knownKeys,
  oneOf,
  optionalBoolean,
  optionalCount,
  optionalText,
  optionalTexts,
  present,
  requiredText,
  shown,
  wrong,
} from './findings.js';

const COMMAND_KEYS = ['type', 'command', 'args', 'cwd', 'shell', 'env', 'timeoutMs', 'account', 'skipExit'];
const AGENT_KEYS = [
  ...['type', 'provider', 'prompt', 'cwd', 'model', 'agent', 'authProfile'],
  ...['extraArgs', 'env', 'timeoutMs', 'configIsolation', 'account'],
];
const ASK_KEYS = ['type', 'prompt', 'options', 'proceedOn', 'timeoutMs'];

/** `home` is what `~` stands for. Undefined when there is a problem that leaves no target. */
export function readTarget(step: Fields, home: string): StepTarget | undefined {
  const fields = fieldsOf(step, 'target');
  if (!fields) return undefined;
  switch (fields.value['type']) {
    case 'command':
      return readCommand(fields, home, step.value['account'] !== undefined);
    case 'agent':
      return readAgent(fields, home);
    case 'ask':
      return readAsk(fields);
    default: {
      const why =
        fields.value['type'] === 'workflow'
          ? 'a step cannot be a workflow'
          : `${shown(fields.value['type'])}, one of command, agent, ask is wanted`;
      wrong(fields.found, `${fields.path}.type`, why);
      return undefined;
    }
  }
}

function readCommand(fields: Fields, home: string, isAccountOfStep: boolean): StepTarget | undefined {
  const { path, value, found } = fields;
  knownKeys(found, path, value, COMMAND_KEYS);
  const command = requiredText(fields, 'command');
  const shell = optionalBoolean(fields, 'shell');
  if (command !== undefined && shell !== true && /\s/.test(command))
    wrong(
      found,
      `${path}.command`,
      `${JSON.stringify(command)} has white space; an executable without spaces is wanted: put its words into "args", or set "shell": true`,
    );
  const account = isAccountOfStep ? undefined : readAccount(fields, 'command');
  const target = {
    type: 'command' as const,
    command,
    args: optionalTexts(fields, 'args'),
    cwd: readCwd(fields, home),
    shell,
    env: readEnvironment(fields),
    timeoutMs: optionalCount(fields, 'timeoutMs'),
    account,
    skipExit: optionalCount(fields, 'skipExit', { max: 255 }),
  };
  return command === undefined ? undefined : (present(target) as StepTarget);
}

function readAgent(fields: Fields, home: string): StepTarget | undefined {
  const { path, value, found } = fields;
  knownKeys(found, path, value, AGENT_KEYS);
  const provider = oneOf(fields, 'provider', PROVIDERS);
  const authProfile = optionalText(fields, 'authProfile');
  if (authProfile !== undefined && provider !== undefined && provider !== 'codewith')
    wrong(found, `${path}.authProfile`, `only the provider codewith takes one, this one is ${provider}`);
  const target = {
    type: 'agent' as const,
    provider,
    prompt: requiredText(fields, 'prompt'),
    cwd: readCwd(fields, home),
    model: optionalText(fields, 'model'),
    agent: optionalText(fields, 'agent'),
    authProfile,
    extraArgs: optionalTexts(fields, 'extraArgs'),
    env: readEnvironment(fields),
    timeoutMs: optionalCount(fields, 'timeoutMs'),
    configIsolation:
      value['configIsolation'] === undefined ? undefined : oneOf(fields, 'configIsolation', ['safe', 'none'] as const),
    account: readAccount(fields, 'agent'),
  };
  const words = provider && agentWordsProblem(present({ ...target, provider, authProfile: undefined }) as AgentTarget);
  if (words) wrong(found, path, words);
  return target.provider && target.prompt ? (present(target) as StepTarget) : undefined;
}

function readAsk(fields: Fields): StepTarget | undefined {
  const { path, value, found } = fields;
  knownKeys(found, path, value, ASK_KEYS);
  const prompt = requiredText(fields, 'prompt');
  if (prompt !== undefined && prompt.length > LIMITS.askChars)
    wrong(found, `${path}.prompt`, `it has ${prompt.length} characters, ${LIMITS.askChars} at most`);
  const target = {
    type: 'ask' as const,
    prompt,
    options: readAnswers(fields, 'options'),
    proceedOn: readAnswers(fields, 'proceedOn'),
    timeoutMs: optionalCount(fields, 'timeoutMs'),
  };
  for (const word of target.proceedOn ?? [])
    if (target.options && !target.options.includes(word))
      wrong(found, `${path}.proceedOn`, `${JSON.stringify(word)} is none of the options`);
  return prompt === undefined ? undefined : (present(target) as StepTarget);
}

function readAnswers(fields: Fields, name: string): string[] | undefined {
  const texts = optionalTexts(fields, name)?.map((text) => text.trim());
  if (texts === undefined) return undefined;
  const path = `${fields.path}.${name}`;
  if (texts.length === 0 || texts.some((text) => text === '')) {
    wrong(fields.found, path, 'an array of one or more texts that are not blank is wanted');
    return undefined;
  }
  if (texts.length > LIMITS.askOptions)
    wrong(fields.found, path, `${texts.length} texts, ${LIMITS.askOptions} at most`);
  return texts;
}

/** Absolute after `~` was expanded. */
function readCwd(fields: Fields, home: string): string | undefined {
  const cwd = optionalText(fields, 'cwd');
  if (cwd === undefined) return undefined;
  const expanded = cwd === '~' ? home : cwd.startsWith('~/') ? `${home}${cwd.slice(1)}` : cwd;
  if (expanded.startsWith('/')) return expanded;
  wrong(fields.found, `${fields.path}.cwd`, `${JSON.stringify(cwd)}, an absolute path (or ~/…) is wanted`);
  return undefined;
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

function readEnvironment(fields: Fields): Record<string, string> | undefined {
  if (fields.value['env'] === undefined) return undefined;
  const env = fieldsOf(fields, 'env');
  if (!env) return undefined;
  const bad = Object.entries(env.value).flatMap(([name, value]) => {
    if (!VARIABLE.test(name)) return [`${JSON.stringify(name)} is no name of a variable`];
    // The value itself is not quoted: it may be a secret.
    return typeof value === 'string' ? [] : [`${name} has a value that is no text`];
  });
  for (const what of bad) wrong(env.found, env.path, `${what}; an object of text to text is wanted`);
  return bad.length > 0 ? undefined : (env.value as Record<string, string>);
}

/** Names of profiles and tools, as the account tool takes them (loops spec 10.7). */
const PROFILE = /^(?!-)[A-Za-z0-9._@-]{1,128}$/;

/** `{profile, tool?}` of a target or a step; a command says for which tool. */
export function readAccount(
  fields: Fields,
  kind: 'command' | 'agent' | undefined,
): { profile: string; tool?: string } | undefined {
  if (fields.value['account'] === undefined) return undefined;
  const account = fieldsOf(fields, 'account');
  if (!account) return undefined;
  knownKeys(account.found, account.path, account.value, ['profile', 'tool']);
  const profile = requiredText(account, 'profile');
  const tool = optionalText(account, 'tool');
  for (const [name, word] of Object.entries({ profile, tool }))
    if (word !== undefined && !PROFILE.test(word))
      wrong(
        account.found,
        `${account.path}.${name}`,
        `${JSON.stringify(word)}, letters, digits and . _ @ - are wanted`,
      );
  if (kind === 'command' && tool === undefined)
    wrong(account.found, account.path, 'a command has no tool of its own: "tool" is wanted');
  return profile === undefined ? undefined : present({ profile, tool });
}
