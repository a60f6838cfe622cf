import { resolve } from 'node:path';
import { readStdin } from '../../host/stdin.js';
import { LIMITS } from '../../model/limits.js';
import { type AgentTarget, PROVIDERS } from '../../model/loop.js';
import { agentWordsProblem } from '../../runs/adapters.js';
import { readOthersFile } from '../../store/others-file.js';
import { ACCOUNT_FLAGS, accountOf, CREATE_FLAGS, dirOf, type Given, timeoutOf, wrong } from '../loops/create-flags.js';
import { createFrom } from '../loops/create-loop.js';
import type { Context, Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'create', 'agent'],
  group: 'loops',
  about: 'Have an agent CLI work on a prompt at a time, at intervals or by a cron expression',
  details:
    'Exactly one of --at, --every, --cron and --dynamic says when, exactly one of --prompt and --prompt-file says what. The prompt reaches the agent on its ' +
    'stdin alone, and no verb shows it; "--prompt -" and --prompt-file also keep it out of the arguments of this command.',
  args: [{ name: 'name', about: 'its name; need not be the only one of that name', required: true }],
  flags: {
    provider: { type: 'string', choices: PROVIDERS, about: 'the agent CLI, required' },
    prompt: { type: 'string', value: 'TEXT', about: 'what it shall do; "-" reads it from stdin' },
    'prompt-file': { type: 'string', value: 'FILE', about: 'what it shall do, read now', complete: 'files' },
    cwd: { type: 'string', value: 'DIR', about: 'its working directory', complete: 'files' },
    model: { type: 'string', value: 'M', about: 'its model' },
    agent: { type: 'string', value: 'A', about: 'its agent, for CLIs that have several' },
    'auth-profile': { type: 'string', value: 'P', about: 'profile of codewith, for no other provider' },
    timeout: { type: 'milliseconds', value: 'DUR', about: 'it is ended after this time; without it 30 minutes' },
    'config-isolation': {
      type: 'string',
      choices: ['safe', 'none'],
      default: 'safe',
      about: 'keep your own settings of that CLI out of it, as far as it can',
    },
    ...ACCOUNT_FLAGS,
    ...CREATE_FLAGS,
  },
  exitStyle: 'loops',
  human: true,
  examples: [
    {
      line: 'tend loops create agent triage --provider codex --prompt-file triage.md --cwd ~/app --cron "0 9 * * 1-5"',
      about: 'each working day at nine',
    },
  ],
  run: (input, context) => createFrom(input, context, { target: (given) => target(given, context) }),
};

async function target(given: Given, context: Context): Promise<AgentTarget> {
  const { flags } = given;
  const text = (name: string): string | undefined => {
    const value = flags[name];
    if (value !== undefined && String(value).trim() === '') throw wrong(given, `--${name} is blank`);
    return value as string | undefined;
  };
  const provider = text('provider') as AgentTarget['provider'] | undefined;
  if (provider === undefined) throw wrong(given, `--provider is missing, one of ${PROVIDERS.join(', ')} is wanted`);
  text('cwd');
  const [model, agent, authProfile] = [text('model'), text('agent'), text('auth-profile')];
  if (authProfile !== undefined && provider !== 'codewith')
    throw wrong(given, `--auth-profile is for codewith alone, the provider is ${provider}`, 'invalid');
  const words = {
    ...(model === undefined ? {} : { model }),
    ...(agent === undefined ? {} : { agent }),
    ...(authProfile === undefined ? {} : { authProfile }),
  };
  const problem = agentWordsProblem({ provider, ...words });
  if (problem !== undefined) throw wrong(given, problem, 'invalid');
  return {
    type: 'agent',
    provider,
    prompt: await promptOf(given, context),
    ...dirOf(given, context.env),
    ...words,
    ...timeoutOf(flags),
    configIsolation: flags['config-isolation'] as 'safe' | 'none',
    ...accountOf(given),
  };
}

async function promptOf(given: Given, { signal }: Context): Promise<string> {
  const { prompt, 'prompt-file': file } = given.flags;
  if ((prompt === undefined) === (file === undefined)) {
    const found = prompt === undefined ? 'no prompt is given' : '--prompt and --prompt-file are given';
    throw wrong(given, `${found}, exactly one of --prompt and --prompt-file is wanted`);
  }
  const text =
    file !== undefined
      ? readFile(given, String(file))
      : prompt === '-'
        ? await readStdin(LIMITS.recordBytes, signal)
        : String(prompt);
  if (text.trim() === '') throw wrong(given, 'the prompt is blank');
  return text;
}

function readFile(given: Given, path: string): string {
  const read = readOthersFile(resolve(path), LIMITS.recordBytes);
  if (read.state === 'present') return read.text;
  const why = read.state === 'absent' ? 'there is no such file' : read.reason;
  throw wrong(given, `--prompt-file ${JSON.stringify(path)} cannot be read: ${why}`, 'invalid');
}
