/** A column beside what is longer than its place: which part of it is seen. Where everything is seen, a line or nothing. */
import type { ReactElement } from 'react';
import type { Line } from '../text-line.js';
import { THEME } from '../theme.js';
import { Lines } from './lines.js';

export interface ScrollBarProps {
  height: number;
  /** How many lines there are, and the first that is seen. */
  lines: number;
  from: number;
  /** A line where there is nothing to scroll: it parts two neighbours. */
  isEdge: boolean;
  colour: boolean;
}

export function ScrollBar({ height, lines, from, isEdge, colour }: ScrollBarProps): ReactElement {
  const most = Math.max(0, lines - height);
  const size = most === 0 ? 0 : Math.max(1, Math.round((height * height) / lines));
  const thumb = most === 0 ? 0 : Math.round((Math.min(from, most) / most) * (height - size));
  const track: Line = most > 0 || isEdge ? [{ text: '│', style: THEME.dim }] : [];
  const bar = Array.from(
    { length: height },
    (_, at): Line => (at >= thumb && at < thumb + size ? [{ text: '┃' }] : track),
  );
  return <Lines width={1} height={height} lines={bar} colour={colour} />;
}
