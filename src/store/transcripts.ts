/**
 * `workers/<id>/transcript.log`: what a worker's terminal showed; `stream.jsonl`: the events that its CLI printed, where that shows
 * them as lines of its own. One supervisor appends; at the limit the file becomes `….1` and a visible marker opens the next. A disk
 * that refuses bytes never stops the worker: what is lost is counted, and said in the file as soon as it takes bytes again.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { messageOf } from '../model/error.js';
import type { Disk } from './disk.js';

/** What is recorded of a worker's output, with the extension of its file. */
export type Recording = 'transcript' | 'stream';
const EXTENSIONS: Readonly<Record<Recording, string>> = { transcript: 'log', stream: 'jsonl' };

const keyOf = (id: string, of: Recording): string => `workers/${id}/${of}.${EXTENSIONS[of]}`;
export const transcriptKey = (id: string): string => keyOf(id, 'transcript');
export const streamKey = (id: string): string => keyOf(id, 'stream');
const olderKey = (id: string, of: Recording): string => `${keyOf(id, of)}.1`;
/** What was written before the last rotation. */
export const olderTranscriptKey = (id: string): string => olderKey(id, 'transcript');
/** The whole recording of the worker that bore this id before, for people. */
const previousKey = (id: string, of: Recording): string => `workers/${id}/${of}.previous.${EXTENSIONS[of]}`;

/** Enough for any screen to be rebuilt, and what a replay costs is bounded (specs/looop.md 8). */
export const REPLAY_BYTES = 16 * 1024 * 1024;

export interface Transcript {
  /** Appends bytes. Returns why they could not be written, or undefined. Never throws. */
  write(bytes: Uint8Array): string | undefined;
  close(): void;
}

/** Puts the previous generation's transcript and stream aside and begins a new transcript. Throws when the directory cannot be written. */
export function openTranscript(disk: Disk, id: string, maxBytes: number): Transcript {
  putAside(disk, id, 'stream');
  return openRecording(disk, id, { of: 'transcript', maxBytes });
}

/** Begins a stream, after the transcript of the same generation. Throws when the directory cannot be written. */
export const openStream = (disk: Disk, id: string, maxBytes: number): Transcript =>
  openRecording(disk, id, { of: 'stream', maxBytes });

function putAside(disk: Disk, id: string, of: Recording): void {
  if (disk.stat(keyOf(id, of)).state !== 'absent') renameSync(disk.path(keyOf(id, of)), disk.path(previousKey(id, of)));
  disk.remove(olderKey(id, of));
}

function openRecording(disk: Disk, id: string, { of, maxBytes }: { of: Recording; maxBytes: number }): Transcript {
  const path = disk.path(keyOf(id, of));
  disk.makeDir(`workers/${id}`);
  putAside(disk, id, of);
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
    renameSync(path, disk.path(olderKey(id, of)));
    say(`the ${of} was rotated here, what came before is in ${of}.${EXTENSIONS[of]}.1`);
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
  const older = room > 0 ? disk.tail(olderKey(id, 'transcript'), room) : undefined;
  return older?.state === 'present' ? older.text + recent.text : recent.text;
}
