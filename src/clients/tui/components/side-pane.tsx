/** What stands beside the opened row: a file, or a terminal as it looks now. A terminal shows its end when it does not fit. */
import type { ReactElement } from 'react';
import type { Rect } from '../layout.js';
import type { Model } from '../model.js';
import { sideLines, sideTitle } from '../side-lines.js';
import { padColumns } from '../text-line.js';
import { THEME } from '../theme.js';
import { Pane } from './pane.js';
import { ScrollText } from './scroll-text.js';

export function SidePane({ model, rect, isAlone }: { model: Model; rect: Rect; isAlone: boolean }): ReactElement {
  const { side, colour, scroll } = model;
  const title = { ...rect, height: 1 };
  const body = { ...rect, y: rect.y + 1, height: Math.max(0, rect.height - 1) };
  const lines = sideLines(side, Math.max(1, rect.width - 1));
  const end = side.kind === 'terminal' ? Math.max(0, lines.length - body.height) : 0;
  return (
    <>
      <Pane
        rect={title}
        lines={[[{ text: padColumns(`─ ${sideTitle(side)} `, rect.width), style: THEME.head }]]}
        colour={colour}
      />
      <ScrollText rect={body} lines={lines} scroll={isAlone && scroll > 0 ? scroll : end} colour={colour} />
    </>
  );
}
