/** The list of the fleet: those who wait on top. Only rows that are shown are made. */
import type { ReactElement } from 'react';
import type { Rect } from '../layout.js';
import { listLines } from '../list-lines.js';
import type { Model } from '../model.js';
import { Pane } from './pane.js';

export function FleetList({ model, rect }: { model: Model; rect: Rect }): ReactElement {
  const { rows, top, selected, nowTs, colour } = model;
  const written = new Set(Object.entries(model.drafts).flatMap(([key, draft]) => (draft.text === '' ? [] : [key])));
  return <Pane rect={rect} lines={listLines({ rows, top, selected, nowTs, written }, rect)} colour={colour} />;
}
