/** Lines that are read, from a place on, with a bar at the right when there are more than fit. */
import type { ReactElement } from 'react';
import type { Rect } from '../layout.js';
import { fitLine, type Line } from '../text-line.js';
import { THEME } from '../theme.js';
import { Pane } from './pane.js';

export interface ScrollTextProps {
  rect: Rect;
  lines: readonly Line[];
  scroll: number;
  colour: boolean;
}

/** Lines are made for the width less one: the last column is the bar's. */
export function ScrollText({ rect, lines, scroll, colour }: ScrollTextProps): ReactElement {
  const most = Math.max(0, lines.length - rect.height);
  const from = Math.min(scroll, most);
  const shown = lines.slice(from, from + rect.height);
  if (most === 0) return <Pane rect={rect} lines={shown} colour={colour} />;
  const size = Math.max(1, Math.round((rect.height * rect.height) / lines.length));
  const thumb = Math.round((from / most) * (rect.height - size));
  const barred = shown.map((line, at): Line => {
    const inThumb = at >= thumb && at < thumb + size;
    return [...fitLine(line, rect.width - 1), inThumb ? { text: '┃' } : { text: '│', style: THEME.dim }];
  });
  return <Pane rect={rect} lines={barred} colour={colour} />;
}
