/** What the machine says of a data dir's directory and of the file system under it. Looks only; nothing is created or tried out. */
import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { codeOf, statOf, wordsFor } from './local-read.js';

export interface RootReport {
  uid: number;
  /** Permission bits, with sticky and set-id bits. */
  mode: number;
  /** This process may make files in it. */
  isWritable: boolean;
  fs: {
    /** Bytes that this user may still write. */
    freeBytes: number;
    /** Files that may still be made; undefined where the file system has no such limit. */
    freeFiles?: number;
    /** Its name where we know the number, else `0x…`. */
    name: string;
    /** No hard links, so that a record is published by a rename under a lock. */
    lacksLinks: boolean;
    /** Other machines may write to it at the same time. */
    isRemote: boolean;
  };
}

export type RootLook =
  | { state: 'present'; report: RootReport }
  | { state: 'absent' }
  | { state: 'unreadable'; reason: string };

/** `statfs(2)` numbers of Linux; a machine with other numbers gets the number shown and no verdict. */
const KINDS: Readonly<Record<number, { name: string; lacksLinks?: true; isRemote?: true }>> = {
  61267: { name: 'ext4' },
  1481003842: { name: 'xfs' },
  2435016766: { name: 'btrfs' },
  16914836: { name: 'tmpfs' },
  2035054128: { name: 'overlayfs' },
  801189825: { name: 'zfs' },
  4076150800: { name: 'f2fs' },
  19780: { name: 'vfat', lacksLinks: true },
  538032816: { name: 'exfat', lacksLinks: true },
  26985: { name: 'nfs', isRemote: true },
  4283649346: { name: 'cifs', isRemote: true, lacksLinks: true },
  4266872130: { name: 'smb2', isRemote: true, lacksLinks: true },
  16914839: { name: '9p', isRemote: true },
  1702057286: { name: 'fuse' },
};

/** Never throws. */
export function lookAtRoot(root: string): RootLook {
  const stated = statOf(root);
  if (stated.state !== 'present') return stated;
  if (stated.kind !== 'dir') return { state: 'unreadable', reason: 'it is not a directory' };
  try {
    const { uid, mode } = statSync(root);
    const fs = statfsSync(root);
    const kind = KINDS[fs.type] ?? { name: `0x${fs.type.toString(16)}` };
    return {
      state: 'present',
      report: {
        uid,
        mode: mode & 0o7777,
        isWritable: isWritable(root),
        fs: {
          freeBytes: fs.bavail * fs.bsize,
          ...(fs.files > 0 ? { freeFiles: fs.ffree } : {}),
          name: kind.name,
          lacksLinks: kind.lacksLinks === true,
          isRemote: kind.isRemote === true,
        },
      },
    };
  } catch (error) {
    return { state: 'unreadable', reason: wordsFor(codeOf(error)) };
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    // Not for us, or the file system is read-only.
    return false;
  }
}
