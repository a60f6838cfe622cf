/**
 * The only door to the data dir. Keys are paths relative to its root, with "/" between segments. Calls are synchronous: files
 * are small and local, a verb lives for milliseconds, and a step that cannot interleave with another is easier to prove.
 * No function uses `this`, so each may be taken off the object. Every durable step of the product is one call of this interface, so a test can wrap it and die before or after each.
 */

export type Read =
  | { state: 'present'; text: string; bytes: number; mtimeMs: number }
  /** Proven: the kernel said "no such file". Nothing else is absence. */
  | { state: 'absent' }
  /** Exists or may exist: permission, I/O error, not a regular file, too large. `reason` is for people. */
  | { state: 'unreadable'; reason: string };

export type Text = { state: 'present'; text: string } | { state: 'absent' } | { state: 'unreadable'; reason: string };

export type Listed =
  | { state: 'present'; names: string[] }
  | { state: 'absent' }
  | { state: 'unreadable'; reason: string };

export type Sliced =
  /** `bytes` is shorter than was asked for at the end of the file; `size` is that of the whole file. */
  { state: 'present'; bytes: Buffer; size: number } | { state: 'absent' } | { state: 'unreadable'; reason: string };

export type Stated =
  | {
      state: 'present';
      kind: 'file' | 'dir' | 'other';
      bytes: number;
      mtimeMs: number;
      /** When anything of it changed last, its time and mode included: nobody can set it. */
      ctimeMs: number;
      /** Which file it is, for as long as it is there. */
      inode: number;
      executable: boolean;
    }
  | { state: 'absent' }
  | { state: 'unreadable'; reason: string };

/**
 * How content comes to its name: a file mode (0600 unless it is said), synced in every respect; or, for what follows from other
 * records or is nobody's loss, less. `unsynced`: readers see whole content all the same, and it outlives our process; with the
 * machine's power it may be lost or be cut short. `unlisted`: the content is on the disk before it has its name, and the name is
 * there for good from the next synced step in the same directory on.
 */
export type Keeping = number | 'unsynced' | 'unlisted';

export interface Disk {
  /** Absolute path of the data dir. */
  readonly root: string;
  /** What appended lines and kept texts go through (scrubbed-disk.ts); absent: they are kept as they are. */
  clean?(text: string): string;
  /** Absolute path of a key, for children's cwd, argv and env. Never for our own reading or writing. */
  path(key: string): string;
  /** Whole file as UTF-8 (lossy), at most `maxBytes` (default LIMITS.recordBytes): larger is `unreadable`. Never blocks on a FIFO. */
  read(key: string, maxBytes?: number): Read;
  /** What `read` gives as text, for those who look at thousands of small files and need nothing else of them. */
  text(key: string): Text;
  /** Last `maxBytes` of a file of any size, starting at a character. */
  tail(key: string, maxBytes: number): Read;
  /** `length` bytes of a file of any size from the byte `from` on. */
  slice(key: string, from: number, length: number): Sliced;
  stat(key: string): Stated;
  /** Names in a directory, sorted by code unit, without temp files and dot files. */
  list(dir: string): Listed;
  /** Makes `key` exist with this content, or returns false because somebody was first. Readers see all or nothing. */
  publish(key: string, content: string | Uint8Array, keeping?: Keeping): boolean;
  /** Makes `key` hold this content, whatever was there. Readers see old or new, never a mix. */
  replace(key: string, content: string | Uint8Array, keeping?: Keeping): void;
  /**
   * Adds one line (newlines inside become spaces) in a single write; a torn line costs only itself. `unsynced`: it outlives our
   * process, and may be lost with the machine's power.
   */
  append(key: string, line: string, how?: 'unsynced'): void;
  /** Removes a file; absent is fine. `unsynced`: it may come back with the machine's power. */
  remove(key: string, how?: 'unsynced'): void;
  /** Removes the file only while it holds exactly `expected`. True when it is gone now (also when it was absent). */
  removeIfEqual(key: string, expected: string): boolean;
  /** Replaces the content only while it is exactly `expected`; absent is no match. */
  replaceIfEqual(key: string, expected: string, content: string, mode?: number): boolean;
  /** Renames a file to a name that does not exist yet; false when `to` exists or `from` is absent. True for one of many racing callers. */
  move(from: string, to: string): boolean;
  /** Renames a directory to a name that does not exist yet, whole and in one step; false when `to` exists or `from` is absent. True for one of many racing callers. */
  moveTree(from: string, to: string): boolean;
  /** Creates a directory and its parents, 0700. */
  makeDir(dir: string): void;
  /** Removes a directory tree; absent is fine. Only for run, worker and history directories past their retention, and worktrees that were never finished. */
  removeTree(dir: string): void;
  /** Sets the modification time without writing a byte. */
  touch(key: string, atMs: number): void;
}
