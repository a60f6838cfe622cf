/** The first row: is the pulse alive, and how many wait. A pulse that is down stands here with its cure, whatever is open. */
import type { ReactElement } from 'react';
import type { FleetPulse } from '../../../contract/views/fleet-screen.js';
import type { Model } from '../model.js';
import type { Piece } from '../text-line.js';
import { THEME } from '../theme.js';
import { Pane } from './pane.js';

const PULSE: Readonly<Record<FleetPulse['state'], Piece>> = {
  asking: { text: 'pulse …', style: THEME.dim },
  alive: { text: 'pulse live', style: THEME.good },
  silent: { text: 'pulse SILENT: tend status', style: THEME.warn },
  dead: { text: 'pulse DOWN: tend up', style: THEME.bad },
  unknown: { text: 'pulse UNKNOWN: tend status', style: THEME.warn },
};

export function TitleBar({ model }: { model: Model }): ReactElement {
  const { sight, size, colour, filter } = model;
  const waiting = sight.asks.length;
  const alive = sight.workers.filter((worker) => worker.alive).length;
  const shown = [
    ...(filter.set === 'everything' ? [] : [filter.set]),
    ...(filter.ended ? ['with ended workers'] : []),
    ...(filter.text.trim() === '' ? [] : [`search: ${filter.text}`]),
  ];
  const { problems } = sight;
  const line: Piece[] = [
    { text: ' tend ', style: THEME.title },
    { text: ' ' },
    PULSE[sight.pulse.state],
    { text: ' · ' },
    waiting > 0 ? { text: `${waiting} waiting for you`, style: THEME.warn } : { text: 'nobody waits for you' },
    { text: ` · ${alive} at work` },
    ...(problems.length > 0 ? [{ text: ` · ${problems.length} unreadable`, style: THEME.bad }] : []),
    ...(shown.length > 0 ? [{ text: ` · ${shown.join(' · ')}`, style: THEME.key }] : []),
  ];
  return <Pane rect={{ x: 0, y: 0, width: size.columns, height: 1 }} lines={[line]} colour={colour} />;
}
