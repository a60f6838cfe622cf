/**
 * Ink as what lays the parts of the screen out: it gives each as text, and never touches the terminal. Its own writer clears the
 * screen at every frame that fills it, leaves the last row out, and shows nothing at all where `CI` is set; painter.ts writes only
 * what differs. One root paints one part after the other, and what a part came to is kept for as long as it is on the screen.
 */
import { EventEmitter } from 'node:events';
import { type Instance, render } from 'ink';
import { SEARCH_PROMPT } from './components/bottom-line.js';
import { layoutOf } from './layout.js';
import type { Model } from './model.js';
import type { Caret, Frame, Painted } from './painter.js';
import { type Part, partsOf } from './parts.js';
import { columnsOf } from './text-line.js';
import { writtenLines } from './write-lines.js';

export interface Frames {
  /** Throws what a component throws. */
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
    // With a callback it is the barrier that Ink puts behind its last frame.
    if (typeof done === 'function') done();
    else this.text = text;
    return true;
  }
}

/** Parts that are kept: rows of some screens above and below, so that paging back paints nothing anew. */
const KEPT_MAX = 600;

interface Kept {
  stuff: readonly unknown[];
  painted: Painted;
}

/** `onFailure` is called after a frame in which a component threw; the next `of` throws that. */
export function inkFrames(onFailure: () => void): Frames {
  const sheet = new Sheet();
  let failure: { error: unknown } | undefined;
  const ink = openRoot(sheet, (error) => {
    failure = { error };
    onFailure();
  });
  const kept = new Map<string, Kept>();
  const paintPart = ({ rect, picture }: Part): Painted => {
    const { element, columns } = picture();
    sheet.columns = columns ?? rect.width;
    sheet.rows = rect.height;
    ink.rerender(element);
    return { rect, rows: sheet.text.split('\n').slice(0, rect.height) };
  };
  return {
    of(model) {
      if (failure) throw failure.error;
      const parts = partsOf(model).map((part) => {
        const before = kept.get(part.name);
        const stuff = [part.rect.width, part.rect.height, model.colour, ...part.stuff];
        const isSame = before?.stuff.length === stuff.length && stuff.every((one, at) => one === before.stuff[at]);
        const painted = isSame ? { rect: part.rect, rows: before.painted.rows } : paintPart(part);
        kept.delete(part.name);
        kept.set(part.name, { stuff, painted });
        return painted;
      });
      // The first in the map has been away from the screen for longest.
      for (const name of kept.keys()) {
        if (kept.size <= KEPT_MAX) break;
        kept.delete(name);
      }
      const caret = caretOn(model);
      return caret ? { parts, caret } : { parts };
    },
    close: () => ink.unmount(),
  };
}

function openRoot(sheet: Sheet, onError: (error: unknown) => void): Instance {
  const ink = render(null, {
    stdout: sheet as unknown as NodeJS.WriteStream,
    // Ink reads no keys: key-parser.ts does, which knows pastes and does not take two keys for one.
    stdin: new EventEmitter() as unknown as NodeJS.ReadStream,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  ink.waitUntilExit().catch(onError);
  return ink;
}

/** Where the terminal's cursor belongs: behind what is being typed. */
function caretOn(model: Model): Caret | undefined {
  const layout = layoutOf(model);
  if (model.place === 'filter' && layout.bottom) {
    const before = model.search.text.slice(0, model.search.cursor);
    return { row: layout.bottom.y, column: Math.min(columnsOf(SEARCH_PROMPT + before), model.size.columns - 1) };
  }
  const { editor } = layout;
  if (!editor) return undefined;
  const { caret } = writtenLines(model, editor);
  return { row: editor.y + caret.row, column: editor.x + caret.column };
}
