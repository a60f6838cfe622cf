/** The last row: what has just happened, or what the next keys do, as many as fit whole. The search is typed here. */
import type { ReactElement } from 'react';
import { KEY_MAP, keyName } from '../key-map.js';
import type { Model } from '../model.js';
import { type Line, lineWidth, safe } from '../text-line.js';
import { THEME } from '../theme.js';
import { Lines } from './lines.js';

export const SEARCH_PROMPT = 'search: ';

export interface BottomLineProps {
  place: Model['place'];
  status: Model['status'];
  search: string;
  width: number;
  colour: boolean;
}

export function BottomLine({ place, status, search, width, colour }: BottomLineProps): ReactElement {
  const line = place === 'filter' ? searchLine(search) : status ? statusLine(status) : hintsLine(place, width);
  return <Lines width={width} height={1} lines={[line]} colour={colour} fill={THEME.bar} />;
}

const searchLine = (search: string): Line => [
  { text: SEARCH_PROMPT, style: THEME.key },
  { text: safe(search), style: THEME.bar },
];

function statusLine({ text, tone }: NonNullable<Model['status']>): Line {
  const style = tone === 'bad' ? THEME.bad : tone === 'good' ? THEME.good : THEME.plain;
  return [{ text: safe(text).replace(/\s+/g, ' '), style: { ...style, ...THEME.bar } }];
}

function hintsLine(place: Model['place'], width: number): Line {
  const hints = KEY_MAP.filter((binding) => binding.in === place && binding.hint !== undefined);
  const line: Line[] = hints.map(({ keys, hint }, at) => [
    { text: `${at === 0 ? '' : '  '}${keyName(keys[0]!)}`, style: { ...THEME.key, ...THEME.bar } },
    { text: ` ${hint}`, style: THEME.bar },
  ]);
  while (line.length > 1 && lineWidth(line.flat()) > width) line.pop();
  return line.flat();
}
