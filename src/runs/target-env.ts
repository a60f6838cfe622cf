/**
 * The environment of a target, in layers of which the later one wins (loops spec 8.1, 8.2): what we inherited, without what is ours and
 * without the variables of a run that we ourselves may be part of; the account's; the target's own; PATH with the places where people
 * keep programs; whose run it is. Pure. Provider keys pass: a command that a human scheduled gets what it would get when they type it.
 */
import { childEnv } from '../host/children-env.js';
import type { RunDeps, RunIdentity } from './performer.js';

export interface EnvLayers {
  identity: RunIdentity;
  /** Fencing token and mark. */
  token: string;
  /** `shell`, or who an agent asks as: under either the human's verbs are refused. */
  sessionId: string;
  /** Under everything else: what keeps an agent CLI quiet. */
  quiet?: Readonly<Record<string, string>>;
  account?: { profile: string; tool: string; env: Readonly<Record<string, string>> };
  target?: Readonly<Record<string, string>> | undefined;
}

/** Names behind `TEND_` and `LOOPS_`, each with what it says (loops spec 3.8). */
const IDENTITY: readonly (readonly [name: string, value: (identity: RunIdentity) => string | number | undefined])[] = [
  ['LOOP_ID', (run) => run.loopId],
  ['LOOP_NAME', (run) => run.loopName],
  ['RUN_ID', (run) => run.runId],
  ['SCHEDULED_FOR', (run) => run.scheduledFor],
  ['ATTEMPT', (run) => run.attempt],
  ['WORKFLOW_ID', (run) => run.workflowId],
  ['WORKFLOW_NAME', (run) => run.workflowName],
  ['WORKFLOW_RUN_ID', (run) => run.workflowRunId],
  ['WORKFLOW_STEP_ID', (run) => run.workflowStepId],
  ['GOAL_ID', (run) => run.goalId],
  ['GOAL_OBJECTIVE', (run) => run.goalObjective],
  ['GOAL_NODE_KEY', (run) => run.goalNodeKey],
  ['GOAL_NODE_OBJECTIVE', (run) => run.goalNodeObjective],
];
const NAMES = [...IDENTITY.map(([name]) => name), 'RUN_TOKEN', 'ACCOUNT_PROFILE', 'ACCOUNT_TOOL'];
/** Names of an outer run: what is not set for this one is absent, not another's. `TEND_*` is childEnv's business. */
const OUTER: ReadonlySet<string> = new Set(NAMES.map((name) => `LOOPS_${name}`));

/** What a tool reads its login from, and what would lead it back to the user's own (loops spec 10.2). Dropped where an account is set. */
const OF_ACCOUNTS: ReadonlySet<string> = new Set([
  'CLAUDE_CONFIG_DIR',
  'CODEWITH_HOME',
  'CODEX_HOME',
  'CURSOR_CONFIG_DIR',
  'OPENCODE_CONFIG_DIR',
  'AICOPILOT_CONFIG_DIR',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'OPENROUTER_API_KEY',
  'CURSOR_API_KEY',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
]);

export function targetEnv(deps: Pick<RunDeps, 'env' | 'profile' | 'bin'>, layers: EnvLayers): Record<string, string> {
  const { account, token, sessionId } = layers;
  const inherited = childEnv({ ...layers.quiet, ...deps.env }, deps.profile, deps.bin, { sessionId, mark: token });
  for (const name of Object.keys(inherited))
    if (OUTER.has(name) || (account && OF_ACCOUNTS.has(name))) delete inherited[name];
  const env = { ...inherited, ...account?.env, ...layers.target };
  return { ...env, PATH: pathOf(env), ...identityOf(layers), TEND_SESSION_ID: sessionId, TEND_MARK: token };
}

function identityOf({ identity, token, account }: EnvLayers): Record<string, string> {
  const values: (readonly [string, string | number | undefined])[] = [
    ...IDENTITY.map(([name, value]) => [name, value(identity)] as const),
    ['RUN_TOKEN', token],
    ['ACCOUNT_PROFILE', account?.profile],
    ['ACCOUNT_TOOL', account?.tool],
  ];
  return Object.fromEntries(
    values.flatMap(([name, value]) =>
      value === undefined
        ? []
        : [
            [`TEND_${name}`, `${value}`],
            [`LOOPS_${name}`, `${value}`],
          ],
    ),
  );
}

/** Places behind a home, below what a variable names, and of every machine; a service starts us with hardly any of them in PATH. */
const HOME_DIRS = ['.local/bin', '.bun/bin', '.cargo/bin', '.npm-global/bin', 'bin'];
const NAMED_DIRS: readonly (readonly [variable: string, below: string])[] = [
  ['BUN_INSTALL', '/bin'],
  ['PNPM_HOME', ''],
  ['NPM_CONFIG_PREFIX', '/bin'],
];
const MACHINE_DIRS = ['/opt/homebrew/bin', '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/** The PATH of `env`, and behind it the usual places that are not in it: what stands in front wins. */
export function pathOf(env: Readonly<Record<string, string | undefined>>): string {
  const home = env['HOME'];
  const usual = [
    ...(home ? HOME_DIRS.map((dir) => `${home}/${dir}`) : []),
    ...NAMED_DIRS.flatMap(([variable, below]) => (env[variable] ? [`${env[variable]}${below}`] : [])),
    ...MACHINE_DIRS,
  ];
  const own = (env['PATH'] ?? '').split(':').filter((dir) => dir !== '');
  return [...own, ...usual.filter((dir, at) => !own.includes(dir) && usual.indexOf(dir) === at)].join(':');
}
