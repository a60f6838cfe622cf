/** A rectangle of lines: what every part of the screen comes to. Lines are cut and filled to its width, so parts never push one another. */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import type { Rect } from '../layout.js';
import { fitLine, type Line, paintLine, type Style } from '../text-line.js';

export interface PaneProps {
  rect: Rect;
  lines: readonly Line[];
  colour: boolean;
  /** Behind the lines, to the edge. */
  fill?: Style;
}

export function Pane({ rect, lines, colour, fill }: PaneProps): ReactElement {
  const text = Array.from({ length: rect.height }, (_, at) =>
    paintLine(fitLine(lines[at] ?? [], rect.width, fill), colour),
  );
  return (
    <Box position="absolute" marginLeft={rect.x} marginTop={rect.y} width={rect.width} height={rect.height}>
      <Text wrap="truncate">{text.join('\n')}</Text>
    </Box>
  );
}
