/** Help and the list of policy files: each has the screen to itself. Help is made from the key map. */
import type { ReactElement } from 'react';
import { KEY_MAP, keyName, type Place } from '../key-map.js';
import type { Rect } from '../layout.js';
import type { Model } from '../model.js';
import { type Line, padColumns, safe } from '../text-line.js';
import { THEME } from '../theme.js';
import { Pane } from './pane.js';
import { ScrollText } from './scroll-text.js';

const TITLES: readonly (readonly [Place, string])[] = [
  ['anywhere', 'Everywhere'],
  ['list', 'In the list'],
  ['detail', 'In what you have opened'],
  ['filter', 'In the search'],
  ['policy', 'Among goals and PLAYBOOK'],
];

/** Columns of the keys. */
const KEYS_WIDTH = 26;

/** Every key that help names, by where it is heard. */
export function helpLines(width: number): Line[] {
  return TITLES.flatMap(([place, title], at): Line[] => [
    ...(at === 0 ? [] : [[]]),
    [{ text: title, style: THEME.heading }],
    ...KEY_MAP.filter((binding) => binding.in === place && binding.about !== undefined).map(({ keys, about }): Line => {
      const names = keys.map(keyName).join(' ');
      const keysWidth = Math.min(KEYS_WIDTH, Math.floor(width / 2));
      return [{ text: `  ${padColumns(names, keysWidth)} `, style: THEME.key }, { text: about! }];
    }),
  ]);
}

export function WholePane({ model, rect }: { model: Model; rect: Rect }): ReactElement {
  const { colour, scroll, policy } = model;
  if (model.place === 'help')
    return <ScrollText rect={rect} lines={helpLines(rect.width - 1)} scroll={scroll} colour={colour} />;
  const files = policy?.files ?? [];
  const chosen = policy?.selected ?? 0;
  const top = Math.max(0, Math.min(chosen - rect.height + 2, files.length - rect.height + 1));
  const widest = Math.min(32, Math.max(8, ...files.map(({ name }) => name.length)));
  const lines = files.slice(top, top + rect.height - 1).map(({ name, about }, at): Line => {
    const style = at + top === chosen ? THEME.selected : THEME.plain;
    return [{ text: `${at + top === chosen ? '▸' : ' '} ${padColumns(safe(name), widest)}  ${safe(about)}`, style }];
  });
  return <Pane rect={rect} lines={[[{ text: 'Edit in $EDITOR', style: THEME.heading }], ...lines]} colour={colour} />;
}
