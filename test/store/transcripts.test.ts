import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { openTranscript, readTranscript, type Transcript } from '../../src/store/transcripts.js';

let dir: string;
let disk: Disk;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-transcripts-'));
  disk = localDisk(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = (name = 'transcript.log') => readFileSync(join(dir, 'workers/api', name), 'latin1');
const write = (transcript: Transcript, text: string) => transcript.write(Buffer.from(text, 'latin1'));

test('raw bytes are kept as they came, whatever they are', () => {
  const transcript = openTranscript(disk, 'api', 1_000);
  write(transcript, '\u001b[31mred\u0000\u00ff\u00fe');
  transcript.close();
  expect(file()).toBe('\u001b[31mred\u0000\u00ff\u00fe');
});

test('at the limit the file rotates once, with a visible marker, and reading sees both parts', () => {
  const transcript = openTranscript(disk, 'api', 100);
  for (let n = 0; n < 5; n++) expect(write(transcript, `${n}`.repeat(60))).toBeUndefined();
  transcript.close();
  expect(file('transcript.log.1')).toContain('3'.repeat(60));
  expect(file()).toMatch(/^\r\n\[tend: the transcript was rotated here[^\n]*\n4{60}$/);
  expect(readTranscript(disk, 'api')).toContain('3'.repeat(60));
});

test('a new worker of the same id begins a transcript of its own, the one before is put aside', () => {
  const first = openTranscript(disk, 'api', 100);
  write(first, 'first');
  first.close();
  openTranscript(disk, 'api', 100).close();
  expect(file()).toBe('');
  expect(file('transcript.previous.log')).toBe('first');
});

test('there is no transcript: reading says so', () => {
  expect(readTranscript(disk, 'api')).toBeUndefined();
});

const mount = (): boolean => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

test('a full disk never throws, and what is lost is said as soon as there is room', (context) => {
  if (!mount()) return context.skip('a small tmpfs cannot be mounted here: a full disk is not tested');
  try {
    const transcript = openTranscript(disk, 'api', 1_000_000);
    disk.replace('filler', 'x'.repeat(20_000));
    const failed = Array.from({ length: 10 }, () => write(transcript, 'z'.repeat(8_000))).filter(Boolean);
    expect(failed.length).toBeGreaterThan(0);
    disk.remove('filler');
    expect(write(transcript, 'after')).toBeUndefined();
    transcript.close();
    const lost = Number(/(\d+) bytes of output are missing here/.exec(file())?.[1]);
    const kept = file().split('z').length - 1;
    expect(kept + lost).toBe(80_000);
    expect(file().endsWith('after')).toBe(true);
  } finally {
    execFileSync('umount', [dir]);
  }
});
