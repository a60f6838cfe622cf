/** A sensor's script looked at, not run: its headers and whether it can be run at all. Light, because `sensor list` uses it. */
import { shellQuote } from '../lib/shell-quote.js';
import type { Disk } from '../store/disk.js';
import { parseHeaders, type SensorHeaders } from './headers.js';

export interface SensorScript {
  /** Absolute path. */
  file: string;
  headers: SensorHeaders;
  mtimeMs: number;
  /** The program named by a first line `#!/usr/bin/env <program>`: started by its name, it need not be started by `env`. */
  interpreter?: string;
  /** Why it cannot be run at all, with the exit code that a shell would give. */
  problem?: { exitCode: number; message: string };
}

/** Looks at a script without running it. `key` is its place on `disk`; an absent one is a script with a problem. */
export function readScript(disk: Disk, key: string): SensorScript {
  const file = disk.path(key);
  const stat = disk.stat(key);
  const read = disk.read(key);
  const headers = parseHeaders(read.state === 'present' ? read.text : '');
  if (stat.state === 'absent') return { file, headers, mtimeMs: 0, problem: problem(127, 'it does not exist') };
  if (stat.state === 'unreadable') return { file, headers, mtimeMs: 0, problem: problem(126, stat.reason) };
  const interpreter = read.state === 'present' ? ENV_LINE.exec(read.text)?.[1] : undefined;
  const script = { file, headers, mtimeMs: stat.mtimeMs, ...(interpreter === undefined ? {} : { interpreter }) };
  if (stat.kind !== 'file') return { ...script, problem: problem(126, 'it is not a regular file') };
  if (!stat.executable)
    return { ...script, problem: problem(126, `it is not executable; try: chmod +x ${shellQuote(file)}`) };
  // Run without its headers it would run by other terms than its author's, and a gigabyte of nothing keeps a shell busy for minutes.
  if (read.state === 'unreadable') return { ...script, problem: problem(126, `it cannot be read: ${read.reason}`) };
  return script;
}

/** The common form alone: anything more (an option, an assignment, a path) is for `env` itself. */
const ENV_LINE = /^#! *\/usr\/bin\/env +([A-Za-z0-9_][A-Za-z0-9._+-]*) *\n/;

const problem = (exitCode: number, message: string) => ({ exitCode, message: `the sensor cannot be run: ${message}` });
