/** Whatever is painted after whatever: the terminal shows the last frame. A real emulator is the judge. */
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, Painter } from '../../../src/clients/watch/painter.js';

const COLUMNS = 12;

const shown = async (bytes: string, rows: number): Promise<string[]> => {
  const screen = new xterm.Terminal({ cols: COLUMNS, rows, allowProposedApi: true, scrollback: 0 });
  await new Promise<void>((resolve) => screen.write(`\u001b[?7l${bytes}`, resolve));
  return Array.from({ length: rows }, (_, at) => screen.buffer.active.getLine(at)!.translateToString(true));
};

const plain = (line: Line): string =>
  (line.edge === '' ? line.text : line.text.padEnd(COLUMNS - 1) + line.edge).trimEnd();

const line = fc.record({
  text: fc.constantFrom('', 'a', 'b', 'cc', 'hello there', 'eleven char'),
  edge: fc.constantFrom('', '', '|', '#'),
});

test('any frames one after the other leave the last on the screen', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .integer({ min: 1, max: 8 })
        .chain((rows) =>
          fc.tuple(
            fc.constant(rows),
            fc.integer({ min: 0, max: rows }),
            fc.array(fc.array(line, { minLength: rows, maxLength: rows }), { minLength: 1, maxLength: 5 }),
          ),
        ),
      async ([rows, scrolling, frames]) => {
        const painter = new Painter();
        const bytes = frames.map((lines) => painter.paint({ columns: COLUMNS, lines, scrolling })).join('');
        expect(await shown(bytes, rows)).toEqual(frames.at(-1)!.map(plain));
      },
    ),
    { numRuns: 300 },
  );
});

test('a log that runs by is moved by the terminal, up and down, and costs its new lines alone', async () => {
  const long = (n: number): Line => ({ text: `${n}`.repeat(5), edge: '' });
  const frame = (from: number) => ({
    columns: COLUMNS,
    scrolling: 8,
    lines: [...Array.from({ length: 8 }, (_, at) => long(from + at)), { text: 'footer', edge: '' }],
  });
  const painter = new Painter();
  let bytes = painter.paint(frame(10));
  for (const from of [11, 13, 12, 12]) {
    const more = painter.paint(frame(from));
    expect(more.split('\u001b[K').length - 1, `from ${from}`).toBeLessThanOrEqual(2);
    bytes += more;
    expect(await shown(bytes, 9)).toEqual([...frame(from).lines].map(plain));
  }
  expect(painter.paint(frame(12))).toBe('');
});
