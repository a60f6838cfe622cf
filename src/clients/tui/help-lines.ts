/** Every key, from the key map, as lines. Pure. */
import { KEY_MAP, keyName, type Place } from './key-map.js';
import { type Line, padColumns, wrapLine } from './text-line.js';
import { THEME } from './theme.js';

const TITLES: readonly (readonly [Place, string])[] = [
  ['anywhere', 'Everywhere'],
  ['list', 'In the list'],
  ['detail', 'In what you have opened'],
  ['filter', 'In the search'],
  ['policy', 'Among goals and PLAYBOOK'],
];

/** Columns of the keys. */
const KEYS_WIDTH = 26;

/** A line or more for each key that help names, by where it is heard. */
export function helpLines(width: number): Line[] {
  const keysWidth = Math.min(KEYS_WIDTH, Math.floor(width / 2));
  return TITLES.flatMap(([place, title], at): Line[] => [
    ...(at === 0 ? [] : [[]]),
    [{ text: title, style: THEME.heading }],
    ...KEY_MAP.filter((binding) => binding.in === place && binding.about !== undefined).flatMap(({ keys, about }) => {
      const line = [
        { text: `  ${padColumns(keys.map(keyName).join(' '), keysWidth)} `, style: THEME.key },
        { text: about! },
      ];
      return wrapLine(line, width, [{ text: ' '.repeat(keysWidth + 3) }]);
    }),
  ]);
}
