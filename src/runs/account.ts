/**
 * Account profiles (loops spec 10): `accounts env PROFILE --tool TOOL` prints the variables under which a tool uses that login. What it prints
 * is read and never evaluated; any failure comes before the provider is started, and values go to the child alone.
 */
import { runBounded } from '../host/bounded-child.js';
import { startDirProblem } from '../host/start-dir.js';
import { parseJson } from '../lib/json.js';
import type { Account } from '../model/loop.js';
import type { PerformRequest, RunDeps } from './performer.js';
import { programFor } from './startable.js';
import { type EnvLayers, targetEnv } from './target-env.js';

export interface ResolvedAccount {
  profile: string;
  tool: string;
  env: Readonly<Record<string, string>>;
}

/** Of whom an account is asked: the layers of the environment that the tool itself will have. */
export type AccountRequest = Pick<PerformRequest, 'target' | 'account' | 'token' | 'signal'> & { layers: EnvLayers };

/** The program answers from files of its own; one that hangs must not hold the slot (loops spec 10.1). */
const LIMIT_MS = 10_000;
const OUTPUT_BYTES = 256 * 1024;

/** Where each tool keeps its login: the variable whose directory must exist. */
const DIR_OF_TOOL: Readonly<Record<string, string>> = {
  claude: 'CLAUDE_CONFIG_DIR',
  codex: 'CODEX_HOME',
  'codex-app': 'CODEX_HOME',
  cursor: 'CURSOR_CONFIG_DIR',
  opencode: 'OPENCODE_CONFIG_DIR',
  codewith: 'CODEWITH_HOME',
  aicopilot: 'AICOPILOT_CONFIG_DIR',
};

/** Names of profiles and tools: words of another program's command line, so none may look like a flag. */
const NAME = /^(?!-)[A-Za-z0-9._@-]{1,128}$/;

/**
 * The account of a step, else of its target, with its variables; undefined when neither names one, a problem when it cannot be used. Runs
 * `accounts`.
 */
export async function accountFor(
  deps: RunDeps,
  request: AccountRequest,
): Promise<ResolvedAccount | { problem: string } | undefined> {
  const { target } = request;
  const account = request.account ?? ('account' in target ? target.account : undefined);
  if (!account) return undefined;
  const tool = account.tool ?? (target.type === 'agent' ? target.provider : undefined);
  const cannot = `Cannot use account ${JSON.stringify(account.profile)}`;
  const problem = accountProblem(account, tool);
  if (problem !== undefined || tool === undefined) return { problem: `${cannot}: ${problem}` };
  const env = await exported(deps, request, [account.profile, '--tool', tool]);
  if ('problem' in env) return { problem: `${cannot} for ${tool}: accounts env failed: ${env.problem}` };
  const dir = env.values[DIR_OF_TOOL[tool] ?? ''] ?? Object.values(env.values)[0];
  if (dir === undefined) return { problem: `${cannot} for ${tool}: accounts env failed: it exported no variable` };
  const missing = startDirProblem(dir);
  if (missing !== undefined)
    return { problem: `${cannot} for ${tool}: profile directory ${JSON.stringify(dir)}: ${missing}` };
  return { profile: account.profile, tool, env: env.values };
}

/** What is wrong with the names of an account; `tool` is its own or that of its provider. Undefined when nothing is. */
export function accountProblem({ profile }: Account, tool: string | undefined): string | undefined {
  const wanted = '1 to 128 of A-Z a-z 0-9 . _ @ -, not beginning with -, are wanted';
  if (!NAME.test(profile)) return `its profile name is not valid, ${wanted}`;
  if (tool === undefined) return 'a command needs the name of the tool as well, which is --account-tool';
  return NAME.test(tool) ? undefined : `the name of its tool ${JSON.stringify(tool)} is not valid, ${wanted}`;
}

async function exported(
  deps: RunDeps,
  { layers, token, signal }: AccountRequest,
  words: readonly string[],
): Promise<{ values: Record<string, string> } | { problem: string }> {
  const env = targetEnv(deps, layers);
  const program = programFor('accounts', env, deps.profile.dataDir);
  if ('problem' in program) return program;
  const end = await runBounded({
    argv: [program.path, 'env', ...words],
    cwd: deps.profile.dataDir,
    env: { ...env, TEND_MARK: token },
    timeoutMs: LIMIT_MS,
    signal,
    tailBytes: OUTPUT_BYTES,
  });
  if (end.ended === 'abort') return { problem: 'cancelled' };
  if (end.ended === 'timeout') return { problem: `it took longer than ${LIMIT_MS / 1_000} s` };
  if (end.exitCode !== 0) return { problem: end.problem ?? end.signal ?? `it exited with code ${end.exitCode}` };
  return { values: exportsIn(end.stdout.text) };
}

const EXPORT = /^export ([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;
const IN_QUOTES = /^'((?:[^']|'\\'')*)'$/;
/** A word that a shell would take as it stands: with a quote, a blank or an operator in it, it is something else and ignored. */
const BARE = /^[^\s'"`$\\;&|<>(){}*?!#~]*$/;

/** Variables of lines `export NAME=VALUE`, the value a JSON string, single-quoted, or bare. Every other line means nothing. */
export function exportsIn(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name, raw] = EXPORT.exec(line.replace(/\r$/, '').trim()) ?? [];
    const value = raw === undefined ? undefined : exportedValue(raw);
    if (name !== undefined && value !== undefined && !value.includes('\0')) values[name] = value;
  }
  return values;
}

function exportedValue(raw: string): string | undefined {
  if (raw.startsWith('"')) {
    const { value } = parseJson(raw);
    return typeof value === 'string' ? value : undefined;
  }
  const quoted = IN_QUOTES.exec(raw)?.[1];
  if (quoted !== undefined) return quoted.replaceAll("'\\''", "'");
  return BARE.test(raw) ? raw : undefined;
}
