/** The whole screen of one model. Nothing in here waits, asks or remembers. */
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { layoutOf } from '../layout.js';
import type { Model } from '../model.js';
import { BottomLine } from './bottom-line.js';
import { Detail } from './detail.js';
import { FleetList } from './fleet-list.js';
import { TitleBar } from './title-bar.js';
import { WholePane } from './whole-pane.js';

export function App({ model }: { model: Model }): ReactElement {
  const layout = layoutOf(model);
  return (
    <Box width={model.size.columns} height={model.size.rows}>
      <TitleBar model={model} />
      {layout.list && <FleetList model={model} rect={layout.list} />}
      {model.place === 'detail' && <Detail model={model} layout={layout} />}
      {layout.whole && <WholePane model={model} rect={layout.whole} />}
      <BottomLine model={model} />
    </Box>
  );
}
