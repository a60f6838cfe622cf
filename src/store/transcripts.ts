/**
 * `workers/<id>/transcript.log`: the raw bytes of a worker's terminal. One supervisor appends; at the limit the file becomes
 * `transcript.log.1` and a visible marker opens the next. A disk that refuses bytes never stops the worker: what is lost is
 * counted, and said in the transcript as soon as it takes bytes again.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { messageOf } from '../model/error.js';
import type { Disk } from './disk.js';

export const transcriptKey = (id: string): string => `workers/${id}/transcript.log`;
/** What was written before the last rotation. */
export const olderTranscriptKey = (id: string): string => `${transcriptKey(id)}.1`;
/** The whole transcript of the worker that bore this id before, for people. */
const previousKey = (id: string): string => `workers/${id}/transcript.previous.log`;

/** Enough for any screen to be rebuilt, and what a replay costs is bounded (specs/looop.md 8). */
export const REPLAY_BYTES = 16 * 1024 * 1024;

export interface Transcript {
  /** Appends bytes. Returns why they could not be written, or undefined. Never throws. */
  write(bytes: Uint8Array): string | undefined;
  close(): void;
}

/** Puts the previous generation's transcript aside and begins a new one. Throws when the directory cannot be written. */
export function openTranscript(disk: Disk, id: string, maxBytes: number): Transcript {
  const path = disk.path(transcriptKey(id));
  disk.makeDir(`workers/${id}`);
  if (disk.stat(transcriptKey(id)).state !== 'absent') renameSync(path, disk.path(previousKey(id)));
  disk.remove(olderTranscriptKey(id));
  let fd: number | undefined = openToAppend(path);
  let size = 0;
  /** Bytes of the present lump that are on disk, and bytes of output that never came there. */
  let written = 0;
  let lost = 0;
  const put = (bytes: Uint8Array) => {
    written = 0;
    if (fd === undefined) {
      fd = openToAppend(path);
      size = fstatSync(fd).size;
    }
    while (written < bytes.length) {
      const n = writeSync(fd, bytes, written);
      if (n === 0) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
      written += n;
      size += n;
    }
  };
  const say = (text: string) => put(Buffer.from(`\r\n[tend: ${text}]\r\n`));
  const rotate = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
    renameSync(path, disk.path(olderTranscriptKey(id)));
    say('the transcript was rotated here, what came before is in transcript.log.1');
  };
  return {
    write(bytes) {
      let isOutput = false;
      try {
        if (size + bytes.length > maxBytes && size > 0) rotate();
        if (lost > 0) say(`${lost} bytes of output are missing here, they could not be written`);
        lost = 0;
        isOutput = true;
        put(bytes);
        return undefined;
      } catch (error) {
        lost += bytes.length - (isOutput ? written : 0);
        return messageOf(error);
      }
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

const openToAppend = (path: string): number => openSync(path, 'a', 0o600);

/** The end of a transcript, at most `maxBytes`, the rotated part in front; undefined when there is none. */
export function readTranscript(disk: Disk, id: string, maxBytes = REPLAY_BYTES): string | undefined {
  const recent = disk.tail(transcriptKey(id), maxBytes);
  if (recent.state !== 'present') return undefined;
  const room = maxBytes - recent.bytes;
  const older = room > 0 ? disk.tail(olderTranscriptKey(id), room) : undefined;
  return older?.state === 'present' ? older.text + recent.text : recent.text;
}
