/** Slack's text: three characters are markup there, and what its users type comes back in markup of its own. Pure. */

/** `&`, `<` and `>` as Slack wants them; with that no text can mention anybody or make a link. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What a person meant: links and mentions as plain text, the three characters back. */
export function plainText(text: string): string {
  return text
    .replace(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_whole, target: string, label: string | undefined) => {
      if (/^[@#!]/.test(target)) return label === undefined ? target : `${target[0]}${label.replace(/^[@#!]/, '')}`;
      return target.replace(/^mailto:|^tel:/, '');
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** `text` in parts of at most `maxChars` once each was passed through `render`; never within a character. */
export function partsOf(text: string, maxChars: number, render: (part: string) => string = (part) => part): string[] {
  const parts: string[] = [];
  let part = '';
  for (const char of text) {
    const next = render(char);
    if (part.length + next.length > maxChars) {
      parts.push(part);
      part = '';
    }
    part += next;
  }
  return part === '' ? parts : [...parts, part];
}
