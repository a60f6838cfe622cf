/** One word for a POSIX shell: bare when it is harmless, else single-quoted. */
export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Words to a command line: one word is taken as shell text, several are quoted each, so their borders survive. */
export function shellJoin(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : words.map(shellQuote).join(' ');
}

/**
 * Fills `{{name}}` with shell-quoted values; `"{{name}}"` and `'{{name}}'` are recognised so that quotes do not double.
 * One pass over the template: a value that contains a placeholder stays as it is. Unknown names stay as they are.
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/(["']?)\{\{([a-z_]+)\}\}\1/g, (whole, _quote: string, name: string) => {
    const value = values[name];
    return value === undefined ? whole : shellQuote(value);
  });
}
