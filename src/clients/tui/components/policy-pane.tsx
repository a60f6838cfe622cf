/** The PLAYBOOK and the goals, to choose one for the editor. */
import type { ReactElement } from 'react';
import type { Model } from '../model.js';
import { type Line, padColumns, safe } from '../text-line.js';
import { THEME } from '../theme.js';
import { Lines } from './lines.js';

export interface PolicyPaneProps {
  policy: NonNullable<Model['policy']>;
  width: number;
  height: number;
  colour: boolean;
}

export function PolicyPane({ policy: { files, selected }, width, height, colour }: PolicyPaneProps): ReactElement {
  const room = Math.max(1, height - 1);
  const top = Math.max(0, Math.min(selected - room + 1, files.length - room));
  const widest = Math.min(32, Math.max(8, ...files.map(({ name }) => name.length)));
  const lines = files.slice(top, top + room).map(({ name, about }, at): Line => {
    const isSelected = at + top === selected;
    const text = `${isSelected ? '▸' : ' '} ${padColumns(safe(name), widest)}  ${safe(about)}`;
    return [{ text, style: isSelected ? THEME.selected : THEME.plain }];
  });
  const head: Line = [{ text: 'Edit in $EDITOR', style: THEME.heading }];
  return <Lines width={width} height={height} lines={[head, ...lines]} colour={colour} />;
}
