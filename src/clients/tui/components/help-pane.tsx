/** Every key, from the key map. */
import type { ReactElement } from 'react';
import { helpLines } from '../help-lines.js';
import { ScrollText } from './scroll-text.js';

export interface HelpPaneProps {
  width: number;
  height: number;
  scroll: number;
  colour: boolean;
}

export const HelpPane = ({ width, height, scroll, colour }: HelpPaneProps): ReactElement => (
  <ScrollText width={width} height={height} lines={helpLines(width)} from={scroll} colour={colour} />
);
