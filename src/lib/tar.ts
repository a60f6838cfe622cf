/** Writing a tar archive (POSIX ustar, with pax headers for what ustar cannot say). Pure: values → bytes. */

export interface TarEntry {
  /** Relative, with "/" between its parts. */
  name: string;
  bytes: Uint8Array;
  mode: number;
  /** Unix seconds. */
  mtimeS: number;
}

const BLOCK = 512;
/** What fits into the name field of a header. */
const NAME_BYTES = 100;

/** One file: header, content, padding. A name that is long or not ASCII is told by a pax header in front. */
export function tarEntry(entry: TarEntry): Buffer {
  const isPlain = /^[\x20-\x7e]*$/.test(entry.name) && entry.name.length <= NAME_BYTES;
  const parts = isPlain ? [] : [paxHeader(entry)];
  const short = isPlain ? entry.name : 'long-name';
  return Buffer.concat([...parts, header({ ...entry, name: short }, '0'), padded(entry.bytes)]);
}

/** Two empty blocks end an archive. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * BLOCK);

function paxHeader({ name, mtimeS }: TarEntry): Buffer {
  const bytes = paxRecord('path', name);
  return Buffer.concat([header({ name: 'pax', bytes, mode: 0o600, mtimeS }, 'x'), padded(bytes)]);
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length += 1;
  return Buffer.from(`${length} ${key}=${value}\n`, 'utf8');
}

function header({ name, bytes, mode, mtimeS }: TarEntry, type: '0' | 'x'): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number) =>
    block.write(
      `${Math.max(0, Math.floor(value))
        .toString(8)
        .padStart(width - 1, '0')}\0`,
      at,
      'ascii',
    );
  block.write(name, 0, NAME_BYTES, 'utf8');
  octal(mode & 0o7777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes.length, 124, 12);
  octal(mtimeS, 136, 12);
  block.write('        ', 148, 'ascii');
  block.write(type, 156, 'ascii');
  block.write('ustar\u000000', 257, 'ascii');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'ascii');
  return block;
}

function padded(bytes: Uint8Array): Buffer {
  const rest = bytes.length % BLOCK;
  return rest === 0 ? Buffer.from(bytes) : Buffer.concat([bytes, Buffer.alloc(BLOCK - rest)]);
}
