/**
 * Provider keys in our environment go to the CLI that they belong to and to no other program: not to another CLI, and not to
 * sensors, commands and post-conditions, whose output reaches a model. Pure. A command whose program nobody knows is the
 * user's own wiring and gets all of them, as it would when they type it.
 */
import { RUNNERS, runnerOfCommand } from './registry.js';
import type { Runner } from './runner.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Of what runners call theirs, that which gives access: addresses and directories may be seen by everybody. */
const GIVES_ACCESS = /(?:KEY|TOKEN|SECRET|CONTENT)$/;

/** Keys of the providers that a CLI for any provider may be set up with, by the names that their own SDKs read. */
export const ANY_PROVIDER = [
  'ANTHROPIC_API_KEY',
  'OPENAI_API_KEY',
  'OPENROUTER_API_KEY',
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GENERATIVE_AI_API_KEY',
  'AZURE_OPENAI_API_KEY',
  'MISTRAL_API_KEY',
  'GROQ_API_KEY',
  'XAI_API_KEY',
  'DEEPSEEK_API_KEY',
  'CEREBRAS_API_KEY',
  'TOGETHER_API_KEY',
  'FIREWORKS_API_KEY',
  'MOONSHOT_API_KEY',
  'ZAI_API_KEY',
] as const;

/** Names of the variables that give a runner access to its provider. */
export const keyNames = (runner: Runner): string[] =>
  [...(runner.providerEnv ?? []), ...(runner.anyProvider ? ANY_PROVIDER : [])].filter((name) =>
    GIVES_ACCESS.test(name),
  );

/** Every variable that is some runner's key. */
export const PROVIDER_KEYS: ReadonlySet<string> = new Set(Object.values<Runner>(RUNNERS).flatMap(keyNames));

/**
 * `env` without the keys that are not this program's. `command`: the shell text that is about to run with it; undefined for what is no
 * agent at all. `pass`: names that the config's `pass_keys` gives to everybody.
 */
export function envFor(env: Env, command: string | undefined, pass: readonly string[] = []): Env {
  const own = command === undefined ? [] : ownKeys(command);
  if (own === 'all') return env;
  const allowed = new Set([...own, ...pass]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !PROVIDER_KEYS.has(name) || allowed.has(name)));
}

function ownKeys(command: string): string[] | 'all' {
  const runner = runnerOfCommand(command);
  return runner ? keyNames(runner) : 'all';
}
