/**
 * True for a terminal whose cursor cannot be moved: the shell of Emacs. `TERM=dumb` alone proves nothing: services and CI set it, and a
 * real terminal that is opened below them inherits it.
 */
export const isDumbTerminal = (env: Readonly<Record<string, string | undefined>>): boolean =>
  env['TERM'] === 'dumb' && env['INSIDE_EMACS'] !== undefined;
