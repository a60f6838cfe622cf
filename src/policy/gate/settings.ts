/** Variables that a command is given in front of it, or by `env`. Pure. Not listed means: it may change what the program does. */

/** Variables in front of a command that cannot make it run or write anything else. */
export function isHarmlessSetting(name: string, value: string): boolean {
  if (/^(PAGER|GIT_PAGER|AWS_PAGER|GH_PAGER|SYSTEMD_PAGER|MANPAGER)$/.test(name))
    return value === '' || value === 'cat';
  if (name === 'TZ') return /^[\w+-]+(\/[\w+-]+)*$/.test(value);
  if (name === 'TERM') return /^(dumb|xterm|xterm-256color)$/.test(value);
  return HARMLESS.test(name) && /^[\w.@:-]*$/.test(value);
}
const HARMLESS =
  /^(LANG|LANGUAGE|LC_[A-Z]+|NO_COLOR|CLICOLOR|CLICOLOR_FORCE|FORCE_COLOR|CI|COLUMNS|LINES|GIT_OPTIONAL_LOCKS|GIT_TERMINAL_PROMPT|AWS_PROFILE|AWS_REGION|AWS_DEFAULT_REGION|AWS_DEFAULT_OUTPUT|DEBIAN_FRONTEND|PYTHONDONTWRITEBYTECODE|PYTHONUNBUFFERED|TF_IN_AUTOMATION|TF_INPUT|BLOCKSIZE)$/;
