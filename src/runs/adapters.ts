/**
 * How each agent provider is called for one attempt (loops spec 9): program and words, nothing else. The prompt is never among them: it goes
 * through stdin. Pure. A CLI that changed its flags is met by the config's `adapters`, without a new version of tend.
 */
import type { Config } from '../model/config.js';
import type { AgentTarget, PROVIDERS } from '../model/loop.js';

export type Provider = (typeof PROVIDERS)[number];

/** A provider's command line. Several `forms` mean the same: the next one is for versions that refuse the one before. */
export interface Adapter {
  command: string;
  forms: readonly (readonly string[])[];
  /** A flag that a version may refuse where a form has it: its name stands in the refusal. */
  touchy?: string;
  /** It prints JSON, so a success that printed nothing at all is none. */
  printsJson: boolean;
}

/** What a target may say that becomes words; `cwd` is absolute. */
export type AgentWords = Pick<AgentTarget, 'model' | 'agent' | 'authProfile' | 'extraArgs' | 'configIsolation'> & {
  cwd?: string | undefined;
};

/** `flag value`, or nothing where there is no value. */
const opt = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value]);
const safe = (words: AgentWords, ...flags: string[]): string[] => (words.configIsolation === 'none' ? [] : flags);

const APPROVAL = ['--ask-for-approval', 'never'];
const APPROVAL_CONFIG = ['-c', 'approval_policy=never'];
/** Before `exec`, and behind `exec --json --ephemeral`: the places at which versions of codex and its kin take the word on approvals. */
type Approval = readonly [before: readonly string[], behind: readonly string[]];
const BEHIND: Approval = [[], APPROVAL];
const BEFORE: Approval = [APPROVAL, []];
const BY_CONFIG: Approval = [[], APPROVAL_CONFIG];

const codex = (words: AgentWords, [before, behind]: Approval): string[] => [
  ...before,
  ...['exec', '--json', '--ephemeral', ...behind, '--sandbox', 'workspace-write'],
  ...safe(words, '--ignore-rules'),
  ...opt('--cd', words.cwd),
  ...opt('--model', words.model),
];
const codewith = (words: AgentWords, [before, behind]: Approval): string[] => [
  ...opt('--auth-profile', words.authProfile),
  ...before,
  ...['exec', '--json', '--ephemeral', ...behind, '--sandbox', 'workspace-write', '--skip-git-repo-check'],
  ...safe(words, '--ignore-rules'),
  ...opt('--cd', words.cwd),
  ...opt('--model', words.model),
  ...opt('--agent', words.agent),
];
const opencode = (words: AgentWords): string[] => [
  ...['run', '--format', 'json'],
  ...safe(words, '--pure'),
  ...opt('--dir', words.cwd),
  ...opt('--model', words.model),
  ...opt('--agent', words.agent),
];
const claude = (words: AgentWords): string[] => [
  ...safe(words, '--safe-mode', '--setting-sources', 'local', '--no-session-persistence'),
  ...['-p', '--output-format', 'json'],
  ...opt('--model', words.model),
  ...opt('--agent', words.agent),
];
const cursor = (words: AgentWords): string[] => ['-p', ...opt('--model', words.model), ...opt('--agent', words.agent)];

const ADAPTERS: Readonly<Record<Provider, (words: AgentWords) => Adapter>> = {
  claude: (words) => ({ command: 'claude', forms: [claude(words)], printsJson: true }),
  cursor: (words) => ({ command: 'cursor-agent', forms: [cursor(words)], printsJson: false }),
  codewith: (words) => ({
    command: 'codewith',
    forms: [BEFORE, BEHIND, BY_CONFIG].map((approval) => codewith(words, approval)),
    touchy: APPROVAL[0]!,
    printsJson: true,
  }),
  codex: (words) => ({
    command: 'codex',
    forms: [BEHIND, BEFORE, BY_CONFIG].map((approval) => codex(words, approval)),
    touchy: APPROVAL[0]!,
    printsJson: true,
  }),
  aicopilot: (words) => ({ command: 'aicopilot', forms: [opencode(words)], printsJson: true }),
  opencode: (words) => ({ command: 'opencode', forms: [opencode(words)], printsJson: true }),
};

/** The command line of a provider for these words, `extraArgs` last; `overrides` is the config's word on how it is called. */
export function adapterFor(provider: Provider, words: AgentWords, overrides?: Config['adapters']): Adapter {
  const shipped = ADAPTERS[provider](words);
  const own = overrides?.[provider];
  const adapter: Adapter = own
    ? {
        command: own.command ?? shipped.command,
        forms: own.args ? [filled(own.args, words)] : shipped.forms,
        ...(own.args || shipped.touchy === undefined ? {} : { touchy: shipped.touchy }),
        printsJson: shipped.printsJson,
      }
    : shipped;
  return { ...adapter, forms: adapter.forms.map((form) => [...form, ...(words.extraArgs ?? [])]) };
}

/** Words of the config with their placeholders filled; a group of which one has no value is left out whole. */
function filled(args: readonly (string | readonly string[])[], words: AgentWords): string[] {
  const values: Readonly<Record<string, string | undefined>> = {
    model: words.model,
    agent: words.agent,
    cwd: words.cwd,
    auth_profile: words.authProfile,
  };
  return args.flatMap((group) => {
    const parts = typeof group === 'string' ? [group] : group;
    const names = parts.flatMap((part) => [...part.matchAll(PLACEHOLDER)].map(([, name]) => name!));
    if (names.some((name) => values[name] === undefined)) return [];
    return parts.map((part) => part.replace(PLACEHOLDER, (_all, name: string) => values[name] ?? ''));
  });
}

const PLACEHOLDER = /\{\{(\w+)\}\}/g;

/** Words that give an agent more than its workspace, or take its questions away. They need a human's yes, which cannot be asked for yet. */
const WIDENING = new RegExp(
  [
    '^--(?:allow-)?dangerously|^--yolo\\b|^--force\\b|^-[a-z]*f[a-z]*$|danger-full-access|bypassPermissions',
    // What makes the workspace of codex and claude larger, or lets it reach the network.
    '^--add-dir\\b|sandbox_permissions|writable_roots|network_access',
  ].join('|'),
  'i',
);

/** What is wrong with the words of an agent target, for its create and before each spawn; undefined when nothing is. */
export function agentWordsProblem(target: Pick<AgentTarget, 'provider' | keyof AgentWords>): string | undefined {
  const { provider, authProfile, extraArgs = [] } = target;
  if (authProfile !== undefined && provider !== 'codewith')
    return `--auth-profile is for the provider codewith alone, this one is ${provider}`;
  const flag = [target.model, target.agent, authProfile].find((value) => value?.startsWith('-') || value === '');
  if (flag !== undefined) return `${JSON.stringify(flag)} is no name of a model, agent or profile`;
  const nul = [target.model, target.agent, authProfile, ...extraArgs].find((value) => value?.includes('\0'));
  if (nul !== undefined) return 'a NUL byte cannot be part of a command line';
  const widening = extraArgs.find((arg) => WIDENING.test(arg));
  if (widening === undefined) return undefined;
  return `extraArgs holds ${JSON.stringify(widening)}, which lets an agent do more than its workspace; unattended runs go without it`;
}
