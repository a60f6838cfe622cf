/** Lines that are read, from a place on; past the last page it is the last page. */
import type { ReactElement } from 'react';
import type { Line } from '../text-line.js';
import { Lines } from './lines.js';

export interface ScrollTextProps {
  width: number;
  height: number;
  lines: readonly Line[];
  from: number;
  colour: boolean;
}

export function ScrollText({ width, height, lines, from, colour }: ScrollTextProps): ReactElement {
  const first = Math.min(from, Math.max(0, lines.length - height));
  return <Lines width={width} height={height} lines={lines.slice(first, first + height)} colour={colour} />;
}
