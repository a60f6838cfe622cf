/** How many columns a character takes, as today's terminals draw it: the emulator's own table is older than most emoji. */
import type { Terminal } from '@xterm/headless';
import stringWidth from 'string-width';

const NAME = 'today';
/** Below the first combining mark everything that is printed takes one column. */
const PLAIN = 0x300;
const known = new Map<number, 0 | 1 | 2>();

function widthOf(codepoint: number): 0 | 1 | 2 {
  if (codepoint < PLAIN) return 1;
  let width = known.get(codepoint);
  if (width === undefined) {
    width = Math.min(2, stringWidth(String.fromCodePoint(codepoint))) as 0 | 1 | 2;
    known.set(codepoint, width);
  }
  return width;
}

/** The emulator draws emoji two columns wide from now on, and marks on the character before them. */
export function setTodaysWidths(terminal: Terminal): void {
  terminal.unicode.register({
    version: NAME,
    wcwidth: widthOf,
    charProperties(codepoint, preceding) {
      const own = widthOf(codepoint);
      // The emulator's packing: two bits of width above one that says "joins the character before".
      const before = (preceding >> 1) & 3;
      const joins = own === 0 && preceding !== 0 && before > 0;
      return ((joins ? before : own) << 1) | (joins ? 1 : 0);
    },
  });
  terminal.unicode.activeVersion = NAME;
}
