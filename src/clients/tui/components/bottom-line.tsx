/** The last row: what has just happened, or what the next keys do. The search is typed here. */
import type { ReactElement } from 'react';
import { KEY_MAP, keyName } from '../key-map.js';
import type { Model } from '../model.js';
import { type Line, safe } from '../text-line.js';
import { THEME } from '../theme.js';
import { Pane } from './pane.js';

export const SEARCH_PROMPT = 'search: ';

export function bottomLine(model: Model): Line {
  const { status, place } = model;
  if (place === 'filter') return [{ text: SEARCH_PROMPT, style: THEME.key }, { text: safe(model.search.text) }];
  if (status) {
    const style = status.tone === 'bad' ? THEME.bad : status.tone === 'good' ? THEME.good : THEME.plain;
    return [{ text: safe(status.text).replace(/\s+/g, ' '), style }];
  }
  return KEY_MAP.filter((binding) => binding.in === place && binding.hint !== undefined).flatMap(
    (binding, at): Line => [
      { text: `${at === 0 ? '' : '  '}${keyName(binding.keys[0]!)}`, style: THEME.key },
      { text: ` ${binding.hint}` },
    ],
  );
}

export function BottomLine({ model }: { model: Model }): ReactElement {
  const { columns, rows } = model.size;
  return (
    <Pane
      rect={{ x: 0, y: rows - 1, width: columns, height: 1 }}
      lines={[bottomLine(model)]}
      colour={model.colour}
      fill={THEME.bar}
    />
  );
}
