/**
 * What every runner's reader promises, as tests that any runner inherits: `conformance(runner, cases)`. A stream that a case
 * names and that is nowhere on this machine is left out; those that are in the repository always run.
 */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunEnd, RunResult } from '../../src/runners/result.js';
import type { Runner } from '../../src/runners/runner.js';
import type { Case } from './cases.js';

const NOW_S = 1_795_240_000;
const PLACES = ['../fakes/runners/streams/', '../../../shared/agents/streams/'].map(
  (path) => new URL(path, import.meta.url).pathname,
);
const DIRS = process.env['STREAMS'] ? [...PLACES, `${process.env['STREAMS']}/`] : PLACES;

interface Recorded {
  name: string;
  bytes: Buffer;
  end: RunEnd;
  expected: Case;
  /** Events in it; a CLI in text mode prints none. */
  isStream: boolean;
}

export function conformance(runner: Runner, cases: readonly Case[]): void {
  const read = (pieces: readonly Uint8Array[], end: RunEnd): RunResult => {
    const reader = runner.reader({ nowS: NOW_S });
    for (const piece of pieces) reader.write(piece);
    return reader.end(end);
  };
  const recorded = cases.flatMap(load);
  const streams = recorded.filter((one) => one.isStream);
  const done = streams.filter(({ expected }) => expected[2] === 'done');

  describe(`${runner.name}: recorded streams`, () => {
    test.each(recorded)('$name', ({ bytes, end, expected, isStream }) => {
      const [, , reason, text, tokens, costUsd] = expected;
      const result = read([bytes], end);
      const { input_tokens: input, output_tokens: output } = result.usage;
      expect({ ...result, usage: input === undefined ? undefined : [input, output] }).toMatchObject({
        ok: reason === 'done',
        reason,
        text,
        usage: tokens,
        exit: end.exit,
      });
      if (costUsd === undefined) expect(result.costUsd).toBeUndefined();
      else expect(result.costUsd).toBeCloseTo(costUsd, 8);
      expect(result.sessionId).toBe(isStream ? sessionIn(bytes) : undefined);
      if (!result.ok) expect(result.error).toMatch(/\S/);
    });

    test('some of them are here', () => {
      expect(done.length).toBeGreaterThan(0);
      expect(streams.length).toBeGreaterThan(done.length);
    });

    test('no success without exit code 0, whatever the stream says', () => {
      const ends: RunEnd[] = [
        { exit: 1, stderrTail: '' },
        { exit: 143, stderrTail: '' },
        { exit: null, signal: 'SIGTERM', stderrTail: '' },
        { exit: 0, signal: 'SIGKILL', stderrTail: '' },
        { exit: null, ended: 'timeout', stderrTail: '' },
        { exit: 0, ended: 'timeout', stderrTail: '' },
        { exit: 0, ended: 'aborted', stderrTail: '' },
        { exit: null, ended: 'spawn', stderrTail: 'ENOENT' },
        { exit: null, stderrTail: '' },
      ];
      for (const { name, bytes } of recorded)
        for (const end of ends)
          expect([name, end, read([bytes], end)]).toMatchObject([name, end, { ok: false, text: '' }]);
    });
  });

  describe(`${runner.name}: streams that are not as they were`, () => {
    test('cut anywhere before its last event is whole, a run is never a success', () => {
      for (const { name, bytes } of streams) {
        const whole = bytes.lastIndexOf('}') + 1;
        const step = Math.max(1, Math.floor(whole / 150));
        for (let cut = 0; cut < whole; cut += step) {
          const result = read([bytes.subarray(0, cut)], OK);
          expect([name, cut, result.ok]).toEqual([name, cut, false]);
        }
      }
    });

    test('cut at the end of any line but the last, a run is never a success', () => {
      for (const { name, bytes } of streams) {
        const lines = linesOf(bytes);
        for (let n = 0; n < lines.length; n++)
          expect([name, n, read([joined(lines.slice(0, n))], OK).ok]).toEqual([name, n, false]);
      }
    });

    test.each(Object.entries(NOISE))('%s between its lines changes nothing', (_, noise) => {
      // A few are enough for what is long: some that ended well and some that did not.
      const some = noise.length > 1000 ? [...done.slice(0, 2), ...streams.slice(-3)] : streams;
      for (const { name, bytes, end } of some) {
        const lines = linesOf(bytes).flatMap((line) => [noise, line]);
        expect([name, read([joined([...lines, noise])], end)]).toEqual([name, read([bytes], end)]);
      }
    });

    test('a message with bytes that are no UTF-8 is taken, with a sign in their place', () => {
      for (const { name, bytes, expected } of done) {
        if (!/^[ -~]{4}/.test(expected[3])) continue;
        const word = Buffer.from(expected[3].slice(0, 4));
        const broken = replaced(bytes, word, Buffer.from([...word.subarray(0, 2), 0xff, ...word.subarray(2)]));
        const { ok, text } = read([broken], OK);
        expect([name, ok, text.slice(0, 5)]).toEqual([
          name,
          true,
          `${expected[3].slice(0, 2)}\uFFFD${expected[3].slice(2, 4)}`,
        ]);
      }
    });

    test('a message of a mebibyte arrives whole, and a line of one that is no message is passed over', () => {
      const big = 'm'.repeat(1 << 20);
      for (const { name, bytes, expected } of done.slice(0, 3)) {
        if (!/^[ -~]{4,}$/.test(expected[3])) continue;
        const { ok, text } = read([replaced(bytes, Buffer.from(expected[3]), Buffer.from(big))], OK);
        expect([name, ok, text.length]).toEqual([name, true, big.length]);
      }
    });

    test('lines that end in CR LF, and a last one that ends in nothing, read the same', () => {
      for (const { name, bytes, end } of streams) {
        const crlf = Buffer.concat(linesOf(bytes).flatMap((line) => [line, Buffer.from('\r\n')]));
        expect([name, read([crlf], end)]).toEqual([name, read([bytes], end)]);
        expect([name, read([bytes.subarray(0, -1)], end)]).toEqual([name, read([bytes], end)]);
      }
    });

    test('keys in another order and names written as escapes read the same', () => {
      for (const { name, bytes, end } of streams) {
        const strange = linesOf(bytes).map((line) => Buffer.from(escaped(backwards(JSON.parse(line.toString())))));
        expect([name, read([joined(strange)], end)]).toEqual([name, read([bytes], end)]);
      }
    });

    test('a final event before its time is no end; twice, it is one; without it there is none', () => {
      for (const { name, bytes } of done) {
        const lines = linesOf(bytes);
        const last = lines.pop()!;
        const twice = read([joined([...lines, last, last])], OK);
        // One has two results: in another order the other one is the last.
        if (name !== 'claude-agents' && lines.length > 0)
          expect([name, read([joined([last, ...lines])], OK).ok]).toEqual([name, false]);
        expect([name, read([joined(lines)], OK).ok]).toEqual([name, false]);
        expect([name, twice]).toEqual([name, read([bytes], OK)]);
      }
    });

    test('told twice as a whole, a run is one run and was paid for once', () => {
      for (const { name, bytes } of done) expect([name, read([bytes, bytes], OK)]).toEqual([name, read([bytes], OK)]);
    });

    test('of two runs in one stream the last one counts', () => {
      const [first, second] = [done[0]!, done.at(-1)!];
      const { ok, text } = read([joined([...linesOf(first.bytes), ...linesOf(second.bytes)])], OK);
      if (first !== second) expect({ ok, text }).toEqual({ ok: true, text: second.expected[3] });
      const failed = streams.find(
        ({ expected }) => expected[2] !== 'done' && expected[1] === 0 && expected[2] !== 'interrupted',
      );
      if (failed) expect(read([joined([...linesOf(first.bytes), ...linesOf(failed.bytes)])], OK).ok).toBe(false);
    });
  });

  describe(`${runner.name}: any stream`, () => {
    test('the pieces in which it comes do not matter', () => {
      fc.assert(
        fc.property(fc.constantFrom(...recorded), fc.array(fc.nat(), { maxLength: 12 }), ({ bytes, end }, cuts) => {
          const at = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
          const pieces = at.slice(1).map((to, i) => bytes.subarray(at[i], to));
          expect(read(pieces, end)).toEqual(read([bytes], end));
        }),
      );
      const small = recorded[0]!;
      expect(
        read(
          [...small.bytes].map((byte) => Uint8Array.of(byte)),
          small.end,
        ),
      ).toEqual(read([small.bytes], small.end));
    });

    test('none throws, and a success has exit code 0 and a text', () => {
      const lines = streams.flatMap(({ bytes }) => linesOf(bytes));
      const line = fc.oneof(
        fc.constantFrom(...lines),
        fc.json().map((text) => Buffer.from(text)),
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.tuple(fc.constantFrom(...lines), fc.nat()).map(([whole, at]) => whole.subarray(at % whole.length)),
        fc.tuple(fc.constantFrom(...lines), fc.nat(), fc.integer({ min: 0, max: 255 })).map(([whole, at, byte]) => {
          const changed = Buffer.from(whole);
          changed[at % whole.length] = byte;
          return changed;
        }),
      );
      const exit = fc.constantFrom(0, 0, 1, null);
      fc.assert(
        fc.property(fc.array(line, { maxLength: 20 }), exit, (parts, code) => {
          const result = read([joined(parts)], { exit: code, stderrTail: '' });
          expect(result.ok).toBe(result.reason === 'done');
          if (result.ok) expect([code, result.text.trim() === '']).toEqual([0, false]);
          else expect(result.text).toBe('');
          for (const n of Object.values(result.usage)) expect(n).toBeGreaterThanOrEqual(0);
        }),
        { numRuns: 300 },
      );
    });
  });
}

const OK: RunEnd = { exit: 0, stderrTail: '' };

const NOISE: Readonly<Record<string, Buffer>> = {
  'plain text': Buffer.from('Warning: this is no event'),
  'a broken event': Buffer.from('{"type":"result","is_error":false,"result":"not the'),
  'an event of an unknown type': Buffer.from('{"type":"telemetry","result":{"type":"result"},"text":"x","error":null}'),
  'JSON that is no event': Buffer.from('["result", null, 7, {"type": 7}, {"init": true}]'),
  'nothing at all': Buffer.alloc(0),
  'a line of a mebibyte': Buffer.from(`{"type":"blob","data":"${'x"result"'.replaceAll('"', '\\"').repeat(1 << 17)}"}`),
  'bytes that are no UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0x00, 0x0d, 0x7d]),
};

/** Whether the stream of a case is in the repository. */
export const isKept = ([name]: Case): boolean => existsSync(`${PLACES[0]}${name}.jsonl`);

function load(expected: Case): Recorded[] {
  const [name, ended] = expected;
  const path = DIRS.map((dir) => `${dir}${name}.jsonl`).find((one) => existsSync(one));
  if (path === undefined) return [];
  const bytes = readFileSync(path);
  const end: RunEnd =
    typeof ended === 'number' ? { exit: ended, stderrTail: '' } : { exit: null, signal: ended, stderrTail: '' };
  return [{ name, bytes, end, expected, isStream: bytes[0] === 0x7b }];
}

/** The session as it stands in the last line that names one: read apart from the reader, by its names alone. */
function sessionIn(bytes: Buffer): string | undefined {
  const text = bytes.toString();
  const ids = [...text.matchAll(/"(?:session_id|thread_id|sessionID)":"([^"]+)"/g)].map(([, id]) => id);
  return ids.at(-1) ?? /"type":"session","version":\d+,"id":"([^"]+)"/.exec(text)?.[1];
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from);
    const stop = end < 0 ? bytes.length : end;
    lines.push(bytes.subarray(from, stop));
    from = stop + 1;
  }
  return lines;
}

const joined = (lines: readonly Uint8Array[]): Buffer =>
  Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));

function replaced(bytes: Buffer, from: Buffer, to: Buffer): Buffer {
  const parts: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, start)) {
    parts.push(bytes.subarray(start, at), to);
    start = at + from.length;
  }
  return Buffer.concat([...parts, bytes.subarray(start)]);
}

function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, backwards(member)]),
  );
}

/** The same JSON with every lower-case letter of its short strings written as an escape. */
const escaped = (value: unknown): string =>
  JSON.stringify(value).replace(/"[a-z_.]{3,24}"/g, (word) =>
    word.replace(/[a-z]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
