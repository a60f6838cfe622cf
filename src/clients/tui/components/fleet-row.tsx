/** One row of the list: an ask, a worker, the pulse, or the head above them. */
import type { ReactElement } from 'react';
import type { Line } from '../text-line.js';
import { Lines } from './lines.js';

export const FleetRowLine = ({ line, width, colour }: { line: Line; width: number; colour: boolean }): ReactElement => (
  <Lines width={width} height={1} lines={[line]} colour={colour} />
);
