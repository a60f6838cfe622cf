/** The first row: is the pulse alive, and how many wait. A pulse that is down stands here with its cure, whatever is open. */
import type { ReactElement } from 'react';
import type { FleetPulse, FleetSight, RowFilter } from '../../../contract/views/fleet-screen.js';
import { type Piece, safe } from '../text-line.js';
import { THEME } from '../theme.js';
import { Lines } from './lines.js';

const PULSE: Readonly<Record<FleetPulse['state'], Piece>> = {
  asking: { text: 'pulse …', style: THEME.dim },
  alive: { text: 'pulse live', style: THEME.good },
  silent: { text: 'pulse SILENT: tend status', style: THEME.warn },
  dead: { text: 'pulse DOWN: tend up', style: THEME.bad },
  unknown: { text: 'pulse UNKNOWN: tend status', style: THEME.warn },
};

export interface TitleBarProps {
  sight: FleetSight;
  filter: RowFilter;
  width: number;
  colour: boolean;
}

export function TitleBar({ sight, filter, width, colour }: TitleBarProps): ReactElement {
  const { asks, workers, pulse, problems } = sight;
  const alive = workers.filter((worker) => worker.alive).length;
  const shown = [
    ...(filter.set === 'everything' ? [] : [filter.set]),
    ...(filter.ended ? ['with ended workers'] : []),
    ...(filter.text.trim() === '' ? [] : [`search: ${safe(filter.text)}`]),
  ];
  const line: Piece[] = [
    { text: ' tend ', style: THEME.title },
    { text: ' ' },
    PULSE[pulse.state],
    { text: ' · ' },
    asks.length > 0 ? { text: `${asks.length} waiting for you`, style: THEME.warn } : { text: 'nobody waits for you' },
    { text: ` · ${alive} at work` },
    ...(problems.length > 0 ? [{ text: ` · ${problems.length} unreadable`, style: THEME.bad }] : []),
    ...(shown.length > 0 ? [{ text: ` · ${shown.join(' · ')}`, style: THEME.key }] : []),
  ];
  return <Lines width={width} height={1} lines={[line]} colour={colour} />;
}
