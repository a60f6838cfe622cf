/**
 * A command line without a shell → its words: blanks part them, `'…'`, `"…"` and `\` hold them together. Nothing is expanded: a `$`,
 * a `*` or a `|` is a character like any other.
 */

/** Undefined when a quote is not closed, or a backslash is the last character. */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  const word = /(?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+|\s+|[\s\S]/g;
  for (const [part] of text.matchAll(word)) {
    if (/^\s/.test(part)) continue;
    if (part === "'" || part === '"' || part === '\\') return undefined;
    words.push(unquoted(part));
  }
  return words;
}

const unquoted = (part: string): string =>
  part.replace(/'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g, (_, single, double, escaped) => {
    if (single !== undefined) return single as string;
    if (escaped !== undefined) return escaped as string;
    // Within double quotes a backslash is one of its own unless it stands before what it could escape.
    return (double as string).replace(/\\(["\\$`])/g, '$1');
  });
