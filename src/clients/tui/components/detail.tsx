/** The opened row: what is read, what stands beside it, and the place to write. */
import type { ReactElement } from 'react';
import type { Layout } from '../layout.js';
import type { Model } from '../model.js';
import { readLines } from '../read-lines.js';
import { ruleLine, writtenLines } from '../write-lines.js';
import { Pane } from './pane.js';
import { ScrollText } from './scroll-text.js';
import { SidePane } from './side-pane.js';

export function Detail({ model, layout }: { model: Model; layout: Layout }): ReactElement {
  const { read, side, rule, editor } = layout;
  const { colour, scroll } = model;
  const lines = read ? readLines(model, Math.max(1, read.width - 1)) : [];
  const more = read ? Math.max(0, lines.length - read.height - scroll) : 0;
  return (
    <>
      {read && <ScrollText rect={read} lines={lines} scroll={scroll} colour={colour} />}
      {side && <SidePane model={model} rect={side} isAlone={!read} />}
      {rule && <Pane rect={rule} lines={[ruleLine(model, more, rule.width)]} colour={colour} />}
      {editor && <Pane rect={editor} lines={writtenLines(model, editor).lines} colour={colour} />}
    </>
  );
}
