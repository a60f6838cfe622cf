/**
 * A rectangle of lines: what every part of the screen comes to. The lines pass through a transform and not through the text of
 * the node: Ink measures every text that it was ever given and remembers it for good, which a screen that stays open for days,
 * with a terminal in it, would fill the memory with.
 */
import { Box, Transform } from 'ink';
import type { ReactElement } from 'react';
import { cutLine, type Line, paintLine, type Style } from '../text-line.js';

export interface LinesProps {
  width: number;
  height: number;
  lines: readonly Line[];
  colour: boolean;
  /** Behind the lines, to the edge. */
  fill?: Style;
}

export function Lines({ width, height, lines, colour, fill }: LinesProps): ReactElement {
  const painted = Array.from({ length: height }, (_, at) => paintLine(cutLine(lines[at] ?? [], width, fill), colour));
  return (
    <Box width={width} height={height}>
      <Transform transform={(_, at) => painted[at] ?? ''}>{`${' \n'.repeat(height - 1)} `}</Transform>
    </Box>
  );
}
