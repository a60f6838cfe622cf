/**
 * Bytes of a terminal → keys by name and mouse events. Modifiers are part of the name, so that `alt-q` is not `q`. Pure but for the
 * rest of a sequence that has not come whole.
 */

export type Input =
  | { key: string }
  /** `row` and `column` count from 0. */
  | { mouse: 'press' | 'drag' | 'release' | 'wheel-up' | 'wheel-down'; row: number; column: number };

const FINAL: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
};
const NUMBER: Readonly<Record<string, string>> = { 1: 'home', 4: 'end', 5: 'pgup', 6: 'pgdn', 7: 'home', 8: 'end' };

/** A whole sequence at the start of a text: CSI, SS3, or ESC with one character. */
const SEQUENCE = /^\u001b(?:\[([0-9;<?:]*)([\u0020-\u002f]*)([@-~])|O([@-~])|([^[O]))/su;
/** The beginning of one whose end may still come. */
const UNFINISHED = /^\u001b(?:\[[0-9;<?:]{0,32}[\u0020-\u002f]{0,2}|O)?$/s;

export class KeyReader {
  #rest = '';

  /** Everything that is whole by now. */
  read(text: string): Input[] {
    const found: Input[] = [];
    let left = this.#rest + text;
    this.#rest = '';
    while (left !== '') {
      if (!left.startsWith('\u001b')) {
        const char = String.fromCodePoint(left.codePointAt(0)!);
        found.push({ key: nameOf(char) });
        left = left.slice(char.length);
        continue;
      }
      if (UNFINISHED.test(left)) {
        this.#rest = left;
        break;
      }
      const sequence = SEQUENCE.exec(left);
      found.push(...(sequence ? inputOf(sequence) : []));
      left = left.slice(sequence?.[0].length ?? 1);
    }
    return found;
  }

  /** True while something waits for its end: an Escape key alone looks like the beginning of every other. */
  get isWaiting(): boolean {
    return this.#rest !== '';
  }

  /** What waits was all: the key is forgotten, Escape has no meaning here. */
  forget(): void {
    this.#rest = '';
  }
}

function nameOf(char: string): string {
  const code = char.codePointAt(0)!;
  if (char === '\t') return 'tab';
  if (char === '\r' || char === '\n') return 'enter';
  if (code < 0x20) return `ctrl-${String.fromCharCode(code + 0x60)}`;
  return char;
}

function inputOf([, params = '', between = '', final, ss3, alone]: RegExpExecArray): Input[] {
  if (alone !== undefined) return [{ key: `alt-${nameOf(alone)}` }];
  if (ss3 !== undefined) return FINAL[ss3] ? [{ key: FINAL[ss3] }] : [];
  if (between !== '') return [];
  if (params.startsWith('<')) return mouseOf(params.slice(1), final === 'm');
  const [first = '', modifiers = '1'] = params.split(';');
  const name = final === '~' ? NUMBER[first] : FINAL[final!];
  return name === undefined ? [] : [{ key: modifierNames(Number(modifiers)) + name }];
}

/** As xterm writes them: 1 and a bit each for shift, alt and ctrl. */
function modifierNames(value: number): string {
  const bits = value - 1;
  return `${bits & 4 ? 'ctrl-' : ''}${bits & 2 ? 'alt-' : ''}${bits & 1 ? 'shift-' : ''}${bits > 7 ? 'other-' : ''}`;
}

function mouseOf(params: string, isRelease: boolean): Input[] {
  const [button = Number.NaN, column = Number.NaN, row = Number.NaN] = params.split(';').map(Number);
  if (!Number.isInteger(button + column + row)) return [];
  const at = { row: row - 1, column: column - 1 };
  if (isRelease) return [{ mouse: 'release', ...at }];
  switch (button) {
    case 0:
      return [{ mouse: 'press', ...at }];
    case 32:
      return [{ mouse: 'drag', ...at }];
    case 64:
      return [{ mouse: 'wheel-up', ...at }];
    case 65:
      return [{ mouse: 'wheel-down', ...at }];
    default:
      // Another button, or one with a modifier, which is the terminal's own to use.
      return [];
  }
}
