/**
 * The size of a worker's terminal, written into its transcript where the size changed: a private OSC that terminals ignore. It
 * names the size before it as well, so that a reader who begins anywhere knows the size up to the first mark. Pure.
 */

/** Number of the OSC; nobody else's as far as is known, and what terminals do not know they pass over. */
export const SIZE_OSC = 7717;

export interface Size {
  columns: number;
  rows: number;
}

/** The mark of a change, as bytes of a transcript. */
export const sizeMark = (size: Size, before: Size): string =>
  `\u001b]${SIZE_OSC};${size.columns}x${size.rows};${before.columns}x${before.rows}\u001b\\`;

const MARK = new RegExp(`\\u001b\\]${SIZE_OSC};(\\d{1,4})x(\\d{1,4});(\\d{1,4})x(\\d{1,4})\\u001b\\\\`);

/** The size that a piece of transcript begins in, when there is a mark in it that tells. */
export function sizeAtStart(text: string): Size | undefined {
  const found = MARK.exec(text);
  return found ? sized(found[3], found[4]) : undefined;
}

/** The size in the text of a mark (`100x30;80x24`), or undefined: it is none of ours. */
export function sizeOfMark(data: string): Size | undefined {
  const found = /^(\d{1,4})x(\d{1,4});\d{1,4}x\d{1,4}$/.exec(data);
  return found ? sized(found[1], found[2]) : undefined;
}

function sized(columns: string | undefined, rows: string | undefined): Size | undefined {
  const size = { columns: Number(columns), rows: Number(rows) };
  return size.columns >= 1 && size.rows >= 1 ? size : undefined;
}
