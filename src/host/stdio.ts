/**
 * The standard descriptors of this process. Written to directly: a stream would load the network modules first, which costs
 * a short verb more than its work, and what a stream still holds when the process exits is lost on a pipe.
 */
import { fstatSync, statSync, writeSync } from 'node:fs';

/** True when `fd` is a terminal. The module that knows is loaded only for a device other than /dev/null. */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  try {
    const at = fstatSync(fd);
    if (!at.isCharacterDevice() || at.rdev === statSync('/dev/null').rdev) return false;
  } catch {
    // Closed, or a machine without /dev: no terminal that we could use.
    return false;
  }
  return process.getBuiltinModule('node:tty').isatty(fd);
}

/**
 * Writes all of `text`; resolves when it has left this process. Rejects with EPIPE when the reader is gone. A descriptor that
 * somebody made non-blocking and that is full is handed to the stream, which waits for room.
 */
export const writeOut = (fd: 1 | 2, text: string): Promise<void> => writeBytes(fd, Buffer.from(text, 'utf8'));

/** The same for what is no text. */
export async function writeBytes(fd: 1 | 2, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      return writeStream(fd === 1 ? process.stdout : process.stderr, bytes.subarray(done));
    }
  }
}

const writeStream = (stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    // Without a listener the error would also be thrown at the whole process.
    stream.once('error', reject);
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
