/**
 * Runs git on a repository of the user, and nothing of that repository's own: no hooks, no file monitor, no prompt. Arguments go as they are,
 * never through a shell.
 */
import { LIMITS } from '../model/limits.js';
import type { Env } from './env.js';
import { execBounded } from './exec.js';

/**
 * What git and the filters of a repository need. GIT_* of whoever started the pulse would point it at another repository, and keys of
 * providers are none of its business.
 */
const PASSED =
  /^(?:PATH|HOME|USER|LOGNAME|TMPDIR|XDG_CONFIG_HOME|SSH_AUTH_SOCK|LANG|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY)$/;

/** A worktree of a large repository takes minutes on a slow disk; what takes longer hangs. */
const TIMEOUT_MS = 10 * 60_000;
/** `status` of a tree with very many changes is longer; that it is not empty is all that we ask. */
const OUTPUT_BYTES = 1024 * 1024;

export interface GitDeps {
  env: Env;
  /** An existing directory; the repository is named in the arguments. */
  cwd: string;
  /** `TEND_MARK` of git and whatever it starts. */
  mark: string;
}

export interface GitResult {
  ok: boolean;
  /** Stdout as text, without the newline at its end. */
  out: string;
  /** Why it is not ok: git's own last words, on one line. */
  words: string;
}

/** `git -C DIR ARGS`. Never throws: a git that is not installed is a result like any other. */
export async function runGit(deps: GitDeps, dir: string, args: readonly string[]): Promise<GitResult> {
  const passed = Object.entries(deps.env).filter(([name, value]) => value !== undefined && PASSED.test(name));
  const ended = await execBounded({
    argv: ['git', '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-C', dir, ...args],
    cwd: deps.cwd,
    // Its messages are read by us and quoted to people: always in one language.
    env: {
      ...(Object.fromEntries(passed) as Record<string, string>),
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      TEND_MARK: deps.mark,
    },
    timeoutMs: TIMEOUT_MS,
    stdoutMaxBytes: OUTPUT_BYTES,
    whenOver: 'drop',
    stderrTailBytes: LIMITS.outputTailBytes,
  });
  const ok = ended.exitCode === 0 && !ended.timedOut;
  const lines = ended.stderrTail.trim().split('\n');
  const said = lines.find((line) => /^(?:fatal|error): /.test(line)) ?? lines.at(-1) ?? '';
  const words =
    ended.problem === 'ENOENT'
      ? 'git is not installed'
      : (ended.problem ??
        (ended.timedOut ? `git did not end within ${TIMEOUT_MS / 1000} s` : said || 'git said nothing'));
  return {
    ok,
    out: ended.stdout.toString('utf8').replace(/\n$/, ''),
    words: ok ? '' : words.replace(/^(?:fatal|error): /, ''),
  };
}
