/** What the painter writes makes a real terminal show the frame, from any frame before it, and writes nothing for an equal one. */
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Frame, type Painted, paint } from '../../../src/clients/tui/painter.js';
import { cut, paintLine } from '../../../src/clients/tui/text-line.js';

const COLUMNS = 24;
const ROWS = 6;

const chars = fc.constantFrom('a', 'b', ' ', '─', '日', 'é', '…', 'x', '·');
const piece = fc.record({
  text: fc.string({ unit: chars, maxLength: 12 }),
  style: fc.constantFrom({}, { bold: true }, { fg: '31' }, { inverse: true, bg: '48;5;237' }),
});
const row = (width: number) =>
  fc.array(piece, { maxLength: 3 }).map((pieces) => {
    let left = width;
    return pieces
      .map(({ text, style }) => {
        const kept = cut(text, left);
        left -= [...kept].reduce((sum, char) => sum + (char === '日' ? 2 : 1), 0);
        return paintLine([{ text: kept, style }], true);
      })
      .join('');
  });
const part = (x: number, y: number, width: number, height: number) =>
  fc
    .array(row(width), { minLength: height, maxLength: height })
    .map((rows): Painted => ({ rect: { x, y, width, height }, rows }));
/** Two ways to tile the screen, as lists with and without something opened do. */
const frame: fc.Arbitrary<Frame> = fc
  .oneof(
    fc.tuple(part(0, 0, COLUMNS, ROWS)),
    fc.tuple(part(0, 0, COLUMNS, 1), part(0, 1, 9, ROWS - 1), part(9, 1, COLUMNS - 9, ROWS - 1)),
    fc.tuple(part(0, 0, 15, ROWS), part(15, 0, COLUMNS - 15, 2), part(15, 2, COLUMNS - 15, ROWS - 2)),
  )
  .chain((parts) =>
    fc.oneof(
      fc.constant({ parts }),
      fc.record({
        parts: fc.constant(parts),
        caret: fc.record({ row: fc.nat(ROWS - 1), column: fc.nat(COLUMNS - 1) }),
      }),
    ),
  );

function shown(bytes: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  return new Promise((resolve) =>
    terminal.write(bytes, () => {
      const { active } = terminal.buffer;
      const cells = Array.from({ length: ROWS }, (_, y) =>
        Array.from({ length: COLUMNS }, (_, x) => {
          const cell = active.getLine(y)!.getCell(x)!;
          const char = cell.getChars() || ' ';
          const style = `${cell.isBold() ? 'B' : ''}${cell.isInverse() ? 'I' : ''}${cell.getFgColor()}/${cell.getBgColor()}`;
          // A blank without a background looks the same in every ink.
          return char === ' ' && !cell.isInverse() && cell.isBgDefault() ? ' ' : `${char}${style}`;
        }).join(' '),
      );
      cells.push(`${active.cursorY} ${active.cursorX}`);
      terminal.dispose();
      resolve(cells);
    }),
  );
}

test('a frame painted over any others looks like the frame painted alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 2, maxLength: 4 }), async (frames) => {
      let bytes = '';
      let before: Frame | undefined;
      for (const next of frames) {
        bytes += paint(before, next);
        before = next;
      }
      const [over, alone] = [await shown(bytes), await shown(paint(undefined, before!))];
      // Where the cursor is hidden, nobody sees where it stands.
      expect(before!.caret ? over : over.slice(0, ROWS)).toEqual(before!.caret ? alone : alone.slice(0, ROWS));
    }),
    { numRuns: 150 },
  );
});

test('an equal frame writes nothing, and a changed end of a row writes that end', () => {
  const one = (text: string): Frame => ({ parts: [{ rect: { x: 0, y: 0, width: 20, height: 1 }, rows: [text] }] });
  expect(paint(one('hello'), one('hello'))).toBe('');
  const bytes = paint(one('hello'), one('help'));
  expect(bytes).toContain('\u001b[1;4Hp');
  expect(bytes).not.toContain('hel');
});
