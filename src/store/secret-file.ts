/** A secret in a file of its user. A file that others may read is no secret, and is refused. */
import { statSync } from 'node:fs';
import { shellQuote } from '../lib/shell-quote.js';
import { TendError } from '../model/error.js';
import { readWhole } from './local-read.js';

/** Tokens and URLs are far below this; a larger file is something else. */
const BYTES_MAX = 8_192;

/** The text without the white space around it. Throws an environment error that names the file, and never quotes it. */
export function readSecretFile(path: string): string {
  const bad = (why: string, hint: string) =>
    new TendError('environment', `Cannot take a secret from "${path}": ${why}`, { code: 'bad-secret', hint });
  const read = readWhole(path, BYTES_MAX);
  const look = `ls -l ${shellQuote(path)}`;
  if (read.state === 'absent') throw bad('there is no such file', look);
  if (read.state === 'unreadable') throw bad(read.reason, look);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat && (stat.mode & 0o077) !== 0)
    throw bad(
      `its mode is ${(stat.mode & 0o777).toString(8)}, others may read it; 600 is wanted`,
      `chmod 600 ${shellQuote(path)}`,
    );
  const text = read.text.trim();
  if (text === '' || /\s/.test(text)) throw bad('one word is wanted in it', look);
  return text;
}
