/**
 * Every key of the screen in one table: where it is heard, what it does, and how help says it. The first row that names a key
 * has it; what no row names is typed, where there is something to type into.
 */

/** Which part hears the keys. `anywhere` is heard in all of them, first. */
export type Place = 'anywhere' | 'list' | 'detail' | 'filter' | 'policy' | 'help';

export interface Binding {
  in: Place;
  keys: readonly string[];
  does: Command;
  /** As help says it; absent: a second name of something that help has said, or what any editor does. */
  about?: string;
  /** Stands in the bottom line. */
  hint?: string;
}

export type Command =
  | 'quit'
  | 'redraw'
  | 'stop'
  | 'help'
  | 'row-previous'
  | 'row-next'
  | 'page-previous'
  | 'page-next'
  | 'row-first'
  | 'row-last'
  | 'open'
  | 'back'
  | 'filter'
  | 'clear-filter'
  | 'next-set'
  | 'toggle-ended'
  | 'policy'
  | 'start-pulse'
  | 'send'
  | 'deny'
  | 'edit'
  | 'ask-previous'
  | 'ask-next'
  | 'scroll-up'
  | 'scroll-down'
  | 'scroll-top'
  | 'scroll-bottom'
  | 'side'
  | 'older'
  | 'newer'
  | 'tell'
  | 'attach'
  | EditCommand;

/** Names of `EDITS` in editor.ts. */
export type EditCommand =
  | 'char-left'
  | 'char-right'
  | 'word-left'
  | 'word-right'
  | 'line-start'
  | 'line-end'
  | 'text-start'
  | 'text-end'
  | 'row-up'
  | 'row-down'
  | 'newline'
  | 'delete-left'
  | 'delete-right'
  | 'cut-word-left'
  | 'cut-word-right'
  | 'cut-line-left'
  | 'cut-line-right'
  | 'yank';

export const KEY_MAP: readonly Binding[] = [
  { in: 'anywhere', keys: ['ctrl-c'], does: 'quit', about: 'quit; twice when something is written and not sent' },
  { in: 'anywhere', keys: ['ctrl-l'], does: 'redraw', about: 'paint the screen anew' },
  { in: 'anywhere', keys: ['ctrl-z'], does: 'stop', about: 'stop it as a job of your shell; fg brings it back' },
  { in: 'anywhere', keys: ['f1'], does: 'help', about: 'this help' },

  { in: 'list', keys: ['enter', 'right', 'l'], does: 'open', about: 'open it: read, answer, steer', hint: 'open' },
  { in: 'list', keys: ['down', 'j'], does: 'row-next', about: 'next row' },
  { in: 'list', keys: ['up', 'k'], does: 'row-previous', about: 'row before' },
  { in: 'list', keys: ['pagedown', 'ctrl-d', ' '], does: 'page-next', about: 'a page down' },
  { in: 'list', keys: ['pageup', 'ctrl-u'], does: 'page-previous', about: 'a page up' },
  { in: 'list', keys: ['home', 'g'], does: 'row-first', about: 'first row' },
  { in: 'list', keys: ['end', 'G'], does: 'row-last', about: 'last row' },
  { in: 'list', keys: ['/'], does: 'filter', about: 'search: only rows that contain these words', hint: 'search' },
  { in: 'list', keys: ['escape'], does: 'clear-filter', about: 'end the search' },
  {
    in: 'list',
    keys: ['f'],
    does: 'next-set',
    about: 'everything, what waits for you, approvals, workers',
    hint: 'filter',
  },
  { in: 'list', keys: ['a', 'tab'], does: 'toggle-ended', about: 'with workers that have ended, or without' },
  { in: 'list', keys: ['e'], does: 'policy', about: 'edit a goal or the PLAYBOOK in $EDITOR', hint: 'edit goals' },
  { in: 'list', keys: ['u'], does: 'start-pulse', about: 'start the pulse (tend up)' },
  { in: 'list', keys: ['?'], does: 'help', hint: 'help' },
  { in: 'list', keys: ['q'], does: 'quit', about: 'quit', hint: 'quit' },

  { in: 'detail', keys: ['enter'], does: 'send', about: 'send what you have written', hint: 'send' },
  {
    in: 'detail',
    keys: ['alt-enter', 'ctrl-j', 'ctrl-enter', 'shift-enter'],
    does: 'newline',
    about: 'a new line in it',
    hint: 'newline',
  },
  { in: 'detail', keys: ['ctrl-x'], does: 'deny', about: 'say no: write your reason behind it' },
  { in: 'detail', keys: ['ctrl-g'], does: 'edit', about: 'write it in $EDITOR', hint: 'editor' },
  { in: 'detail', keys: ['ctrl-t'], does: 'tell', about: 'steer its worker instead of answering, and back' },
  {
    in: 'detail',
    keys: ['tab'],
    does: 'side',
    about: 'beside it: the file it names, the terminal of its worker, nothing',
    hint: 'beside',
  },
  { in: 'detail', keys: ['ctrl-o'], does: 'attach', about: "work in its worker's terminal; Ctrl-] comes back" },
  { in: 'detail', keys: ['pagedown'], does: 'scroll-down', about: 'read on' },
  { in: 'detail', keys: ['pageup'], does: 'scroll-up', about: 'read back' },
  { in: 'detail', keys: ['ctrl-pagedown'], does: 'scroll-bottom' },
  { in: 'detail', keys: ['ctrl-pageup'], does: 'scroll-top' },
  { in: 'detail', keys: ['alt-down', 'ctrl-n', 'shift-down'], does: 'ask-next', about: 'next row' },
  { in: 'detail', keys: ['alt-up', 'ctrl-p', 'shift-up'], does: 'ask-previous', about: 'row before' },
  {
    in: 'detail',
    keys: ['escape'],
    does: 'back',
    about: 'back; what you have written stays with its ask',
    hint: 'back',
  },
  { in: 'detail', keys: ['up'], does: 'row-up', about: 'a row up; above the first: what you sent before' },
  { in: 'detail', keys: ['down'], does: 'row-down', about: 'a row down; below the last: what you sent after it' },
  { in: 'detail', keys: ['alt-p'], does: 'older' },
  { in: 'detail', keys: ['alt-n'], does: 'newer' },
  { in: 'detail', keys: ['left', 'ctrl-b'], does: 'char-left' },
  { in: 'detail', keys: ['right', 'ctrl-f'], does: 'char-right' },
  { in: 'detail', keys: ['ctrl-left', 'alt-left', 'alt-b'], does: 'word-left', about: 'a word back' },
  { in: 'detail', keys: ['ctrl-right', 'alt-right', 'alt-f'], does: 'word-right', about: 'a word on' },
  { in: 'detail', keys: ['home', 'ctrl-a'], does: 'line-start', about: 'beginning of the line' },
  { in: 'detail', keys: ['end', 'ctrl-e'], does: 'line-end', about: 'end of the line' },
  { in: 'detail', keys: ['ctrl-home', 'alt-<'], does: 'text-start' },
  { in: 'detail', keys: ['ctrl-end', 'alt->'], does: 'text-end' },
  { in: 'detail', keys: ['backspace', 'shift-backspace'], does: 'delete-left' },
  { in: 'detail', keys: ['delete', 'ctrl-d'], does: 'delete-right' },
  {
    in: 'detail',
    keys: ['ctrl-w', 'alt-backspace', 'ctrl-backspace'],
    does: 'cut-word-left',
    about: 'cut the word before',
  },
  { in: 'detail', keys: ['alt-d', 'ctrl-delete'], does: 'cut-word-right' },
  { in: 'detail', keys: ['ctrl-u'], does: 'cut-line-left', about: 'cut to the beginning of the line' },
  { in: 'detail', keys: ['ctrl-k'], does: 'cut-line-right', about: 'cut to its end' },
  { in: 'detail', keys: ['ctrl-y'], does: 'yank', about: 'put back what was cut' },

  { in: 'filter', keys: ['enter', 'down', 'tab'], does: 'open', about: 'keep the search', hint: 'keep' },
  { in: 'filter', keys: ['escape'], does: 'clear-filter', about: 'end the search', hint: 'end the search' },
  { in: 'filter', keys: ['left', 'ctrl-b'], does: 'char-left' },
  { in: 'filter', keys: ['right', 'ctrl-f'], does: 'char-right' },
  { in: 'filter', keys: ['home', 'ctrl-a'], does: 'line-start' },
  { in: 'filter', keys: ['end', 'ctrl-e'], does: 'line-end' },
  { in: 'filter', keys: ['backspace'], does: 'delete-left' },
  { in: 'filter', keys: ['delete', 'ctrl-d'], does: 'delete-right' },
  { in: 'filter', keys: ['ctrl-w', 'alt-backspace'], does: 'cut-word-left' },
  { in: 'filter', keys: ['ctrl-u'], does: 'cut-line-left' },

  { in: 'policy', keys: ['enter', 'e'], does: 'open', about: 'edit it in $EDITOR', hint: 'edit' },
  { in: 'policy', keys: ['down', 'j'], does: 'row-next' },
  { in: 'policy', keys: ['up', 'k'], does: 'row-previous' },
  { in: 'policy', keys: ['pagedown'], does: 'page-next' },
  { in: 'policy', keys: ['pageup'], does: 'page-previous' },
  { in: 'policy', keys: ['home', 'g'], does: 'row-first' },
  { in: 'policy', keys: ['end', 'G'], does: 'row-last' },
  { in: 'policy', keys: ['escape', 'q', 'left'], does: 'back', about: 'back', hint: 'back' },

  { in: 'help', keys: ['escape', 'q', '?', 'enter'], does: 'back', about: 'back', hint: 'back' },
  { in: 'help', keys: ['down', 'j'], does: 'scroll-down', hint: 'read on' },
  { in: 'help', keys: ['up', 'k'], does: 'scroll-up' },
  { in: 'help', keys: ['pagedown', ' '], does: 'scroll-down' },
  { in: 'help', keys: ['pageup'], does: 'scroll-up' },
];

const byKey = new Map(
  KEY_MAP.flatMap((binding) => binding.keys.map((key) => [`${binding.in} ${key}`, binding.does] as const)).reverse(),
);

/** What a key does there, or undefined when it is not bound. */
export const commandOf = (place: Place, key: string): Command | undefined =>
  byKey.get(`anywhere ${key}`) ?? byKey.get(`${place} ${key}`);

const SHOWN: Readonly<Record<string, string>> = {
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  backspace: 'Backspace',
  delete: 'Del',
  f1: 'F1',
  ' ': 'Space',
};

/** A key as people write it: `Ctrl-C`, `Alt-Enter`, `j`. */
export function keyName(key: string): string {
  const [, modifiers, base] = /^((?:(?:ctrl|alt|shift)-)*)(.+)$/s.exec(key)!;
  const before = modifiers!.replace(
    /(\w)(\w+)-/g,
    (_, first: string, rest: string) => `${first.toUpperCase()}${rest}-`,
  );
  return before + (SHOWN[base!] ?? (modifiers === '' ? base : base!.toUpperCase()));
}
