/** Keys as they are typed: the parser, and the short wait that tells Escape from the beginning of a sequence. */
import { createKeyParser, type Key } from './key-parser.js';

/** A sequence on a slow line comes in pieces; an Escape that nothing follows is heard after this. */
const ESCAPE_MS = 40;

export interface Keyboard {
  take(text: string): void;
  close(): void;
}

export function openKeyboard(onKey: (key: Key) => void): Keyboard {
  const parser = createKeyParser();
  let timer: NodeJS.Timeout | undefined;
  return {
    take(text) {
      clearTimeout(timer);
      parser.push(text).forEach(onKey);
      if (parser.isWaiting()) timer = setTimeout(() => parser.flush().forEach(onKey), ESCAPE_MS);
    },
    close: () => clearTimeout(timer),
  };
}
