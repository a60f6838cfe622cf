/**
 * Ink as what lays out a model: it gives a whole frame for each, as text, and never touches the terminal itself. Its own writer
 * clears the screen at every frame that fills it, leaves the last row out, and shows nothing at all where `CI` is set; painter.ts
 * writes only what differs.
 */
import { EventEmitter } from 'node:events';
import { type Instance, render } from 'ink';
import { App } from './components/app.js';
import { SEARCH_PROMPT } from './components/bottom-line.js';
import { layoutOf } from './layout.js';
import type { Model } from './model.js';
import type { Caret, Frame } from './painter.js';
import { columnsOf } from './text-line.js';
import { writtenLines } from './write-lines.js';

export interface Frames {
  of(model: Model): Frame;
  close(): void;
}

/** What Ink writes to. `debug` makes it write each frame whole, at once, and nothing else. */
class Sheet extends EventEmitter {
  columns = 80;
  rows = 24;
  text = '';
  readonly writable = true;
  write(text: string, done?: unknown): boolean {
    if (text !== '') this.text = text;
    if (typeof done === 'function') done();
    return true;
  }
}

/** Throws from `of` what a component throws. */
export function inkFrames(): Frames {
  const sheet = new Sheet();
  let ink: Instance | undefined;
  let failure: unknown;
  return {
    of(model) {
      sheet.columns = model.size.columns;
      sheet.rows = model.size.rows;
      const tree = <App model={model} />;
      if (ink) ink.rerender(tree);
      else {
        ink = render(tree, {
          stdout: sheet as unknown as NodeJS.WriteStream,
          // Ink reads no keys: key-parser.ts does, which knows pastes and does not take two keys for one.
          stdin: new EventEmitter() as unknown as NodeJS.ReadStream,
          debug: true,
          exitOnCtrlC: false,
          patchConsole: false,
        });
        ink.waitUntilExit().catch((error: unknown) => (failure = error));
      }
      if (failure !== undefined) throw failure;
      const caret = caretOn(model);
      const rows = sheet.text.split('\n').slice(0, model.size.rows);
      return caret ? { rows, caret } : { rows };
    },
    close: () => ink?.unmount(),
  };
}

/** Where the terminal's cursor belongs: behind what is being typed. */
function caretOn(model: Model): Caret | undefined {
  if (model.place === 'filter') {
    const before = model.search.text.slice(0, model.search.cursor);
    return { row: model.size.rows - 1, column: Math.min(columnsOf(SEARCH_PROMPT + before), model.size.columns - 1) };
  }
  const { editor } = layoutOf(model);
  if (!editor) return undefined;
  const { caret } = writtenLines(model, editor);
  return { row: editor.y + caret.row, column: editor.x + caret.column };
}
