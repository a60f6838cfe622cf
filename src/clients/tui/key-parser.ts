/**
 * What a terminal sends → keys by name. Pure but for what is left over of a chunk: a sequence may be cut anywhere. Pastes come
 * in brackets and are one event, whatever is in them; an escape that nothing follows is the Escape key when `flush` says so.
 */

export interface Key {
  /** `a`, `ctrl-a`, `alt-left`, `enter`, `escape`, `paste` … */
  name: string;
  /** What it types: a character, or the text of a paste. */
  text?: string;
}

export interface KeyParser {
  push(chunk: string): Key[];
  /** True while the beginning of a sequence waits for its rest. */
  isWaiting(): boolean;
  /** Takes what waits for what it is: an Escape key, or nothing. */
  flush(): Key[];
}

const ESC = '\u001b';
const PASTE_BEGIN = '\u001b[200~';
const PASTE_END = '\u001b[201~';
/** More than an answer may have is no paste of somebody who reads what they send. */
const PASTE_MAX = 1024 * 1024;
/** No sequence of a keyboard is longer; what is longer is garbage of a line, not a key. */
const SEQUENCE_MAX = 64;

/** 1 + shift 1 + alt 2 + ctrl 4. */
const MODIFIERS_MAX = 8;

const FINAL: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
  Z: 'shift-tab',
};
const TILDE: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
};
const CONTROL: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'ctrl-j',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b': 'escape',
  '\u0000': 'ctrl-space',
  '\u001c': 'ctrl-\\',
  '\u001d': 'ctrl-]',
  '\u001e': 'ctrl-^',
  '\u001f': 'ctrl-_',
};

export function createKeyParser(): KeyParser {
  let waiting = '';
  return {
    push(chunk) {
      const keys: Key[] = [];
      let rest = waiting + chunk;
      waiting = '';
      while (rest !== '') {
        const taken = takeKey(rest);
        if (taken === undefined) {
          waiting = rest;
          break;
        }
        keys.push(...taken.keys);
        rest = rest.slice(taken.length);
      }
      return keys;
    },
    isWaiting: () => waiting !== '',
    flush() {
      // An unfinished paste goes on waiting for its end.
      if (waiting.startsWith(PASTE_BEGIN)) return [];
      const escapes = /^\u001b+$/.test(waiting) ? waiting.length : 0;
      waiting = '';
      return Array.from({ length: escapes }, () => ({ name: 'escape' }));
    },
  };
}

interface Taken {
  keys: Key[];
  length: number;
}

/** The first key of `text`, or undefined when it is not all there yet. */
function takeKey(text: string): Taken | undefined {
  if (text.startsWith(PASTE_BEGIN)) return takePaste(text);
  if (text[0] !== ESC) return takePlain(text);
  if (text.length === 1) return undefined;
  const second = text[1]!;
  if (second === '[' || second === 'O') return takeSequence(text, second);
  if (second === ESC) {
    if (text.length === 2) return undefined;
    // Alt with a key that is a sequence itself, as some terminals send it; else Escape, and then another key.
    if (text[2] !== '[' && text[2] !== 'O') return { keys: [{ name: 'escape' }], length: 1 };
    const inner = takeSequence(text.slice(1), text[2]);
    return inner && { keys: inner.keys.map(({ name }) => ({ name: `alt-${name}` })), length: 1 + inner.length };
  }
  const inner = takePlain(text.slice(1));
  const [key] = inner.keys;
  return { keys: key ? [{ name: `alt-${key.name}` }] : [], length: 1 + inner.length };
}

function takePaste(text: string): Taken | undefined {
  const end = text.indexOf(PASTE_END);
  if (end < 0 && text.length < PASTE_MAX) return undefined;
  const body = text.slice(PASTE_BEGIN.length, end < 0 ? undefined : end);
  const length = end < 0 ? text.length : end + PASTE_END.length;
  return { keys: [{ name: 'paste', text: body.replace(/\r\n?/g, '\n') }], length };
}

function takePlain(text: string): Taken {
  const code = text.codePointAt(0)!;
  const char = String.fromCodePoint(code);
  const control = CONTROL[char];
  if (control !== undefined) return { keys: [{ name: control }], length: char.length };
  if (code < 0x20) return { keys: [{ name: `ctrl-${String.fromCharCode(code + 0x60)}` }], length: 1 };
  // C1 controls are no keys, and no text either.
  if (code >= 0x80 && code < 0xa0) return { keys: [], length: 1 };
  return { keys: [{ name: char, text: char }], length: char.length };
}

function takeSequence(text: string, introducer: string): Taken | undefined {
  // Old function keys of the Linux console: ESC [ [ A.
  const from = text.startsWith('[[', 1) ? 3 : 2;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x40 && code <= 0x7e) return { keys: keyOf(text.slice(2, at), text[at]!, introducer), length: at + 1 };
    if (code < 0x20 || code > 0x3f || at > SEQUENCE_MAX) return { keys: [], length: at };
  }
  return undefined;
}

function keyOf(parameters: string, final: string, introducer: string): Key[] {
  const [first = '', second = ''] = parameters.split(';');
  // `ESC [ 97 ; 5 u` of terminals that say every key as a number.
  if (final === 'u' && introducer === '[') return numbered(Number(first), second);
  const name = final === '~' ? TILDE[first] : FINAL[final];
  // More than three modifiers is no key: it is the answer of a terminal to somebody's question.
  if (name === undefined || Number(second.split(':')[0]) > MODIFIERS_MAX) return [];
  return [{ name: prefixOf(second.split(':')[0] ?? '') + name }];
}

function numbered(code: number, modifiers: string): Key[] {
  if (!Number.isInteger(code) || code <= 0 || code > 0x10ffff) return [];
  const prefix = prefixOf(modifiers.split(':')[0] ?? '');
  const char = String.fromCodePoint(code);
  const name = CONTROL[char] ?? char;
  return [prefix === '' && CONTROL[char] === undefined ? { name, text: char } : { name: prefix + name }];
}

/** Modifiers of xterm: 1 + shift 1, alt 2, ctrl 4. */
function prefixOf(parameter: string): string {
  const bits = Math.max(0, (Number(parameter) || 1) - 1);
  return `${bits & 4 ? 'ctrl-' : ''}${bits & 2 ? 'alt-' : ''}${bits & 1 ? 'shift-' : ''}`;
}
