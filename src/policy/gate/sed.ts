/** A sed script that only prints, or why it may do more: only the commands that are listed pass, read the way sed reads them. Pure. */
import { mayBeOpen } from './brackets.js';

const ADDRESS = /^(?:\d+(?:~\d+)?|\$|\/(?:[^/\\\n]|\\[^\n])*\/[IM]*|[+~]\d+)/;

/** The reason to ask, or undefined. */
export function sedProblem(script: string): string | undefined {
  let rest = script.replace(/^#n\n/, '');
  for (let steps = 0; rest !== '' && steps < 1_000; steps++) {
    const next = readOne(rest);
    if (next === undefined) return 'its sed script may do more than print';
    rest = next;
  }
  return rest === '' ? undefined : 'its sed script is too long to be judged';
}

/** Reads one command with its addresses; gives what stands behind it. */
function readOne(text: string): string | undefined {
  const start = text.replace(/^[\s;]+/, '');
  if (start === '') return '';
  if (start[0] === '#') return start.replace(/^[^\n]*/, '');
  let rest = afterAddress(start);
  if (rest === undefined) return undefined;
  rest = rest.replace(/^\s*(?:!\s*)*/, '');
  const command = rest[0] ?? '';
  const behind = rest.slice(1);
  if (/[{}]/.test(command)) return behind;
  if (command === 's' || command === 'y') return afterSubstitution(behind, command === 's');
  if (/[pPdDgGhHxnNz=]/.test(command)) return ended(behind);
  if (/[qQl]/.test(command)) return ended(behind.replace(/^ *\d+/, ''));
  if (command === ':') return ended(behind.replace(/^ *\w+/, ''));
  if (/[btT]/.test(command)) return ended(behind.replace(/^ *\w*/, ''));
  return undefined;
}

/** What stands behind the addresses; undefined where it differs from sed to sed at which slash one ends. */
function afterAddress(text: string): string | undefined {
  const first = ADDRESS.exec(text)?.[0] ?? '';
  if (mayBeOpen(first.replace(/\/[IM]*$/, ''))) return undefined;
  const rest = text.slice(first.length).replace(/^\s+(?=,)/, '');
  if (first === '' || rest[0] !== ',') return rest;
  const second = rest.slice(1).trimStart();
  const address = ADDRESS.exec(second)?.[0] ?? '';
  return mayBeOpen(address.replace(/\/[IM]*$/, '')) ? undefined : second.slice(address.length);
}

function ended(text: string): string | undefined {
  return /^[ \t]*(?:$|[;\n}#])/.test(text) ? text.trimStart() : undefined;
}

/** `s` and `y` with any mark between their parts; of the flags of `s` the ones that write or run are left out. */
function afterSubstitution(text: string, hasFlags: boolean): string | undefined {
  const [mark = '\n'] = text;
  if (mark === '\n' || mark === '\\' || mark.length !== 1) return undefined;
  let at = 1;
  for (let marks = 0; marks < 2; at++) {
    if (at >= text.length || text[at] === '\n') return undefined;
    if (text[at] === '\\') at++;
    else if (text[at] === mark && marks++ === 0 && mayBeOpen(text.slice(1, at))) return undefined;
  }
  return ended(text.slice(at).replace(hasFlags ? /^[gpiIM0-9]*/ : /^/, ''));
}
