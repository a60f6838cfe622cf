/** Where text stops being JSON, as an offset: the parsers of engines name it in some versions, and quote the text in others. Pure. */

const TOKEN =
  /\s*(?:([{}[\],:])|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w))/y;

/** Offset of the first token that cannot stand there; the length of the text when it ends too early. */
export function jsonProblemAt(text: string): number {
  /** What may come next, by the innermost container: a value, a key, `:` or what follows a value. */
  type Wanted = 'value' | 'first-value' | 'key' | 'first-key' | ':' | 'after';
  const open: ('{' | '[')[] = [];
  let wanted: Wanted = 'value';
  TOKEN.lastIndex = 0;
  for (let at = 0; ; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(text);
    const start = at + (/^\s*/.exec(text.slice(at, at + 4096))?.[0].length ?? 0);
    if (!found) return start;
    const mark = found[1];
    const isText = mark === undefined && text[start] === '"';
    const isValue = wanted === 'value' || wanted === 'first-value';
    if (mark === undefined) {
      if (isValue) wanted = 'after';
      else if (isText && (wanted === 'key' || wanted === 'first-key')) wanted = ':';
      else return start;
    } else if ((mark === '{' || mark === '[') && isValue) {
      open.push(mark);
      wanted = mark === '{' ? 'first-key' : 'first-value';
    } else if (mark === ':' && wanted === ':') wanted = 'value';
    else if (mark === ',' && wanted === 'after' && open.length > 0) wanted = open.at(-1) === '{' ? 'key' : 'value';
    else if (mark === '}' && open.at(-1) === '{' && (wanted === 'after' || wanted === 'first-key'))
      wanted = closed(open);
    else if (mark === ']' && open.at(-1) === '[' && (wanted === 'after' || wanted === 'first-value'))
      wanted = closed(open);
    else return start;
  }
}

function closed(open: unknown[]): 'after' {
  open.pop();
  return 'after';
}
