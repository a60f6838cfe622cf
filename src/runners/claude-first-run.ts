/** The four questions of Claude Code's screen before it works, measured with 2.1.329. Its headless mode (`-p`) asks none of them. */
import type { FirstRun } from './preparation.js';

/** A key that was approved is remembered by its end. */
const KEY_TAIL_CHARS = 20;

export const CLAUDE_FIRST_RUN: FirstRun = ({ env, cwd }, command) => {
  const home = env['HOME'];
  if (!home || /(?:^|\s)(?:-p|--print)(?:\s|$)/.test(command)) return [];
  const own = env['CLAUDE_CONFIG_DIR'];
  const state = `${own || home}/.claude.json`;
  const key = env['ANTHROPIC_API_KEY'];
  return [
    {
      file: state,
      path: ['hasCompletedOnboarding'],
      value: true,
      how: 'set',
      about: 'its welcome screen, which waits for a theme and a login, was seen',
    },
    {
      file: state,
      path: ['projects', cwd, 'hasTrustDialogAccepted'],
      value: true,
      how: 'set',
      about: `the folder in which workers start is trusted: ${cwd}`,
    },
    ...(key
      ? [
          {
            file: state,
            path: ['customApiKeyResponses', 'approved'],
            value: key.slice(-KEY_TAIL_CHARS),
            how: 'include' as const,
            about: 'the key in ANTHROPIC_API_KEY may be used (its last 20 characters name it)',
          },
        ]
      : []),
    ...(command.includes('--dangerously-skip-permissions')
      ? [
          {
            file: `${own || `${home}/.claude`}/settings.json`,
            path: ['skipDangerousModePermissionPrompt'],
            value: true,
            how: 'set' as const,
            about: 'workers run its tools without asking (--dangerously-skip-permissions)',
          },
        ]
      : []),
  ];
};
