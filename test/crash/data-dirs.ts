/** The layout of the data dir, read from the page that defines it (src/store/README.md), so that what is added there is tested without a word here. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const PAGE = new URL('../../src/store/README.md', import.meta.url);

/** Every path that the page names, as it stands there: `asks/<worker>-<n>.md`, `tells/consumed/`, `journal.md`. */
export function layout(): string[] {
  const [, paths = ''] = readFileSync(PAGE, 'utf8').split('\n## Paths\n');
  return (paths.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('- `'))
    .flatMap((line) =>
      [
        ...line
          .split('`: ')[0]!
          .concat('`')
          .matchAll(/`([^`]+)`/g),
      ].map((match) => match[1]!),
    )
    .filter((path) => path.includes('/') || /^\.?[A-Za-z]/.test(path));
}

/** A path of the layout with every `<word>` in it named `name`; `n` is for the numbers. */
export const filled = (path: string, name: string, n: number): string =>
  path
    .replace(/\[.*?\]/g, '')
    .replace(/<n>/g, String(n))
    .replace(/<day>/g, `${2000 + n}-01-02`)
    .replace(/<generation>/g, `${n}`.padStart(16, '0'))
    .replace(/<key>/g, 'goals/x.md')
    .replace(/<[^>]+>/g, name);

/** Directories that hold records, by their plain names, parents too: `asks`, `asks/archive`, `workers`. */
export function directories(): string[] {
  const found = new Set<string>();
  for (const path of layout()) {
    const fixed = path.split('<')[0]!;
    for (let dir = fixed.endsWith('/') ? fixed.slice(0, -1) : dirname(fixed); dir !== '.'; dir = dirname(dir))
      found.add(dir);
  }
  return [...found].sort();
}
