/** A sed script that only prints, or why it may do more: only the commands that are listed pass, read the way sed reads them. Pure. */

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

/** A bracket that is open at the mark: whether the mark ends it differs from sed to sed. */
const isOpenBracket = (pattern: string): boolean => /\[[^\]]*$/.test(pattern.replace(/\\[\s\S]/g, ''));

/** Reads one command with its addresses; gives what stands behind it. */
function readOne(text: string): string | undefined {
  const start = text.replace(/^[\s;]+/, '');
  if (start === '') return '';
  if (start[0] === '#') return start.replace(/^[^\n]*/, '');
  const [addresses] = [start.slice(0, start.length - afterAddress(start).length)];
  if (
    isOpenBracket(addresses.replace(/\/[IM]*\s*,.*$|\/[IM]*$/s, '')) ||
    isOpenBracket(addresses.replace(/\/[IM]*$/, ''))
  )
    return undefined;
  let rest = afterAddress(start);
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

function afterAddress(text: string): string {
  const first = ADDRESS.exec(text)?.[0] ?? '';
  const rest = text.slice(first.length).replace(/^\s+(?=,)/, '');
  if (first === '' || rest[0] !== ',') return rest;
  const second = rest.slice(1).trimStart();
  return second.slice(ADDRESS.exec(second)?.[0].length ?? 0);
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
    else if (text[at] === mark && marks++ === 0 && isOpenBracket(text.slice(1, at))) return undefined;
  }
  return ended(text.slice(at).replace(hasFlags ? /^[gpiIM0-9]*/ : /^/, ''));
}
