/** What stands beside the opened row, or in its place: a file, or a terminal as it looks now, of which the end is shown. */
import type { ReactElement } from 'react';
import type { Side } from '../model.js';
import { sideLines, sideTitle } from '../side-lines.js';
import { type Line, padColumns } from '../text-line.js';
import { THEME } from '../theme.js';
import { Lines } from './lines.js';

export interface SidePaneProps {
  side: Side;
  width: number;
  height: number;
  /** How far it was scrolled; 0: a file's beginning, a terminal's end. */
  scroll: number;
  colour: boolean;
}

export function SidePane({ side, width, height, scroll, colour }: SidePaneProps): ReactElement {
  const title: Line = [{ text: padColumns(`─ ${sideTitle(side)} `, width), style: THEME.head }];
  const body = Math.max(0, height - 1);
  const lines = sideLines(side, width);
  const most = Math.max(0, lines.length - body);
  const from = scroll > 0 ? Math.min(scroll, most) : side.kind === 'terminal' ? most : 0;
  return <Lines width={width} height={height} lines={[title, ...lines.slice(from, from + body)]} colour={colour} />;
}
