/**
 * What every Disk promises, as tests that any implementation inherits: call `conformance('name', make)` in a test file. Only
 * the Disk interface is used, so a simulated disk is held to the same words. Races between processes are beside this, in
 * disk-conformance-races.test.ts, because they need a real file system.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TendError } from '../../src/model/error.js';
import { LIMITS } from '../../src/model/limits.js';
import type { Disk } from '../../src/store/disk.js';

export function conformance(name: string, make: () => { disk: Disk; dispose(): void }): void {
  let disk: Disk;
  let dispose: () => void;
  beforeEach(() => {
    ({ disk, dispose } = make());
  });
  afterEach(() => dispose());
  const textOf = (key: string): string | undefined => {
    const read = disk.read(key);
    return read.state === 'present' ? read.text : undefined;
  };

  describe(`${name}: what power may take`, () => {
    test.each(['unsynced', 'unlisted'] as const)('%s: whole at once, exclusive, and for its owner alone', (keeping) => {
      for (const [key, text] of [
        ['live/full', 'text'],
        ['live/empty', ''],
      ] as const) {
        expect(disk.publish(key, text, keeping)).toBe(true);
        expect(disk.publish(key, 'another', keeping)).toBe(false);
        expect(disk.publish(key, 'another')).toBe(false);
        expect(textOf(key)).toBe(text);
        disk.replace(key, 'new', keeping);
        expect(textOf(key)).toBe('new');
      }
      expect(disk.list('live')).toEqual({ state: 'present', names: ['empty', 'full'] });
      disk.remove('live/full', 'unsynced');
      disk.remove('live/full', 'unsynced');
      expect(disk.list('live')).toEqual({ state: 'present', names: ['empty'] });
    });

    test('an empty name is not made over a directory', () => {
      disk.makeDir('live/dir');
      expect(disk.publish('live/dir', '', 'unsynced')).toBe(false);
      expect(disk.stat('live/dir')).toMatchObject({ kind: 'dir' });
    });
  });

  describe(`${name}: reading`, () => {
    test('what was never written is absent, and so is everything below it', () => {
      expect(disk.read('asks/web-1.md')).toEqual({ state: 'absent' });
      expect(disk.tail('journal.md', 10)).toEqual({ state: 'absent' });
      expect(disk.stat('asks')).toEqual({ state: 'absent' });
      expect(disk.list('asks')).toEqual({ state: 'absent' });
    });

    test('a directory in place of a file is unreadable, not absent', () => {
      disk.makeDir('asks/web-1.md');
      expect(disk.read('asks/web-1.md')).toMatchObject({ state: 'unreadable', reason: 'it is a directory' });
      expect(disk.tail('asks/web-1.md', 10)).toMatchObject({ state: 'unreadable' });
      expect(disk.stat('asks/web-1.md')).toMatchObject({ state: 'present', kind: 'dir' });
    });

    test('a file in place of a directory is unreadable, not absent', () => {
      disk.publish('asks', 'x');
      expect(disk.list('asks').state).toBe('unreadable');
      expect(disk.read('asks/web-1.md').state).toBe('unreadable');
      expect(disk.stat('asks/web-1.md').state).toBe('unreadable');
    });

    test('a file over the limit is unreadable and says both numbers; its tail can be read', () => {
      disk.publish('big', `${'é'.repeat(10)}end`);
      expect(disk.read('big', 22)).toMatchObject({ state: 'unreadable', reason: expect.stringMatching(/23.*22/) });
      expect(disk.read('big', 23)).toMatchObject({ state: 'present', bytes: 23 });
      expect(textOf('big')).toBe(`${'é'.repeat(10)}end`);
      disk.publish('huge', Buffer.alloc(LIMITS.recordBytes + 1, 'x'));
      expect(disk.read('huge').state).toBe('unreadable');
      expect(disk.tail('huge', 5)).toMatchObject({ state: 'present', text: 'xxxxx', bytes: LIMITS.recordBytes + 1 });
    });

    test('the text alone is that of the whole reading, whatever its length and its bytes', () => {
      const same = (key: string): void => {
        const read = disk.read(key);
        const expected = read.state === 'present' ? { state: 'present', text: read.text } : read;
        expect(disk.text(key), key).toEqual(expected);
      };
      for (const bytes of [0, 1, 65_535, 65_536, 65_537, LIMITS.recordBytes, LIMITS.recordBytes + 1]) {
        disk.publish(`n-${bytes}`, Buffer.alloc(bytes, 'x'));
        same(`n-${bytes}`);
      }
      expect(disk.text(`n-${LIMITS.recordBytes + 1}`)).toMatchObject({ state: 'unreadable' });
      disk.makeDir('dir');
      for (const key of ['dir', 'none', 'none/below', 'n-1/below']) same(key);
      expect(disk.text('dir')).toEqual({ state: 'unreadable', reason: 'it is a directory' });
      expect(disk.text('none')).toEqual({ state: 'absent' });
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
          disk.replace('t', bytes);
          same('t');
        }),
        { numRuns: 50 },
      );
    });

    test('a slice has the bytes from a place on, fewer at the end, and the size of the whole', () => {
      disk.append('runs/s.ndjson', 'a row');
      // A simulated process has byte arrays of its own realm.
      const slice = (...of: [string, number, number]) => {
        const read = disk.slice(...of);
        return read.state === 'present' ? { ...read, bytes: Buffer.from(read.bytes) } : read;
      };
      const { size } = disk.slice('runs/s.ndjson', 0, 0) as { size: number };
      expect(slice('runs/s.ndjson', 1, 3)).toEqual({ state: 'present', bytes: Buffer.from('a r'), size });
      expect(slice('runs/s.ndjson', 3, 100)).toEqual({ state: 'present', bytes: Buffer.from('row\n'), size });
      expect(slice('runs/s.ndjson', 100, 5)).toEqual({ state: 'present', bytes: Buffer.alloc(0), size });
      expect(slice('runs/none.ndjson', 0, 5)).toEqual({ state: 'absent' });
      expect(slice('runs', 0, 5)).toMatchObject({ state: 'unreadable' });
    });

    test('a tail starts at a character and never has more bytes than asked', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, max) => {
          disk.replace('t', text);
          const read = disk.tail('t', max);
          if (read.state !== 'present') throw new Error(read.state);
          expect(text.endsWith(read.text)).toBe(true);
          expect(Buffer.byteLength(read.text)).toBeLessThanOrEqual(max);
          expect(Buffer.byteLength(read.text)).toBeGreaterThan(Math.min(max, Buffer.byteLength(text)) - 4);
        }),
        { numRuns: 50 },
      );
    });

    test('any text comes back as it was written', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), (text) => {
          disk.replace('t', text);
          expect(textOf('t')).toBe(text);
        }),
        { numRuns: 50 },
      );
    });

    test('a listing is sorted by code unit and shows no dot files', () => {
      for (const name of ['b', 'a', 'Z', 'ä', '10', '9', '.hidden', '.tmp-1']) disk.publish(`d/${name}`, '');
      disk.makeDir('d/c');
      expect(disk.list('d')).toEqual({ state: 'present', names: ['10', '9', 'Z', 'a', 'b', 'c', 'ä'] });
    });
  });

  describe(`${name}: keys`, () => {
    test.each(['..', '../x', 'a/../../x', '/etc/passwd', 'a//b', 'a/', './a', 'a/.', 'a\0b'])(
      '%j is refused',
      (key) => {
        const steps = [
          () => disk.read(key),
          () => disk.text(key),
          () => disk.tail(key, 1),
          () => disk.stat(key),
          () => disk.list(key),
          () => disk.path(key),
          () => disk.publish(key, ''),
          () => disk.replace(key, ''),
          () => disk.append(key, ''),
          () => disk.remove(key),
          () => disk.removeIfEqual(key, ''),
          () => disk.replaceIfEqual(key, '', ''),
          () => disk.move(key, 'x'),
          () => disk.move('x', key),
          () => disk.moveTree(key, 'x'),
          () => disk.moveTree('x', key),
          () => disk.makeDir(key),
          () => disk.removeTree(key),
          () => disk.touch(key, 0),
        ];
        for (const step of steps) expect(step).toThrow(TendError);
      },
    );

    test.each(['goals/...md', 'goals/a\\b.md', 'goals/ .md', 'goals/-rf.md', 'goals/a\nb.md'])(
      'debris %j stays addressable',
      (key) => {
        expect(disk.publish(key, 'x')).toBe(true);
        expect(disk.list('goals')).toEqual({
          state: 'present',
          names: [key.slice(6)].filter((n) => !n.startsWith('.')),
        });
        expect(textOf(key)).toBe('x');
        disk.remove(key);
        expect(disk.stat(key).state).toBe('absent');
      },
    );

    test('the whole data dir cannot be removed', () => {
      expect(() => disk.removeTree('')).toThrow(TendError);
    });
  });

  describe(`${name}: writing`, () => {
    test('the first to publish wins and the loser changes nothing', () => {
      expect(disk.publish('answers/web-1.md', 'first')).toBe(true);
      expect(disk.publish('answers/web-1.md', 'second')).toBe(false);
      expect(textOf('answers/web-1.md')).toBe('first');
      expect(disk.list('answers')).toEqual({ state: 'present', names: ['web-1.md'] });
    });

    test('a name that is a directory is taken', () => {
      disk.makeDir('answers/web-1.md');
      expect(disk.publish('answers/web-1.md', 'x')).toBe(false);
    });

    test('replacing makes parents, holds the new content, and leaves no other name', () => {
      disk.replace('a/b/c', 'one');
      disk.replace('a/b/c', 'two');
      expect(textOf('a/b/c')).toBe('two');
      expect(disk.list('a/b')).toEqual({ state: 'present', names: ['c'] });
    });

    test('replacing a directory fails and leaves it there', () => {
      disk.publish('d/x', 'x');
      expect(() => disk.replace('d', 'y')).toThrow(TendError);
      expect(textOf('d/x')).toBe('x');
    });

    test('a mode is kept exactly, also by publish and by compare-and-swap', () => {
      disk.publish('s.sh', 'one', 0o755);
      expect(disk.stat('s.sh')).toMatchObject({ executable: true });
      disk.replace('s.sh', 'two');
      expect(disk.stat('s.sh')).toMatchObject({ executable: false });
      expect(disk.replaceIfEqual('s.sh', 'two', 'three', 0o755)).toBe(true);
      expect(disk.stat('s.sh')).toMatchObject({ executable: true });
    });

    test('an appended line is one line whatever it contains, and survives a torn one before it', () => {
      disk.publish('log', 'torn by a cra');
      disk.append('log', 'two\nlines\r\nhere');
      disk.append('log', 'last');
      expect(textOf('log')!.split('\n').filter(Boolean)).toEqual(['torn by a cra', 'two lines here', 'last']);
    });

    test('removing is safe to repeat', () => {
      disk.publish('x', '');
      disk.remove('x');
      disk.remove('x');
      disk.remove('no/such/x');
      expect(disk.stat('x').state).toBe('absent');
    });

    test('a tree is removed with everything in it; repeating is fine', () => {
      disk.publish('runs/d/r/prompt.md', 'x');
      disk.removeTree('runs/d/r');
      disk.removeTree('runs/d/r');
      expect(disk.list('runs/d')).toEqual({ state: 'present', names: [] });
    });

    test('a touch changes the time and no byte', () => {
      disk.publish('x', 'same');
      disk.touch('x', 1_700_000_000_000);
      expect(disk.read('x')).toMatchObject({ text: 'same', mtimeMs: 1_700_000_000_000 });
      expect(() => disk.touch('absent', 0)).toThrow(TendError);
    });
  });

  describe(`${name}: comparing`, () => {
    test('compare-and-delete: a match deletes, a stale expectation leaves the fresh value, absent is success', () => {
      disk.publish('lease', 'fresh');
      expect(disk.removeIfEqual('lease', 'stale')).toBe(false);
      expect(textOf('lease')).toBe('fresh');
      expect(disk.removeIfEqual('lease', 'fresh')).toBe(true);
      expect(disk.removeIfEqual('lease', 'fresh')).toBe(true);
      expect(disk.removeIfEqual('no/such/lease', 'x')).toBe(true);
      expect(disk.stat('no').state).toBe('absent');
    });

    test('compare-and-swap: absent and stale are no match and write nothing', () => {
      expect(disk.replaceIfEqual('lease', '', 'x')).toBe(false);
      expect(disk.stat('lease').state).toBe('absent');
      disk.publish('lease', 'one');
      expect(disk.replaceIfEqual('lease', 'stale', 'x')).toBe(false);
      expect(textOf('lease')).toBe('one');
      expect(disk.replaceIfEqual('lease', 'one', 'two')).toBe(true);
      expect(textOf('lease')).toBe('two');
    });

    test('what cannot be compared is neither changed nor called absent', () => {
      disk.makeDir('lease');
      expect(() => disk.removeIfEqual('lease', 'x')).toThrow(TendError);
      expect(() => disk.replaceIfEqual('lease', 'x', 'y')).toThrow(TendError);
      expect(disk.stat('lease')).toMatchObject({ kind: 'dir' });
    });

    test('the writer lock is invisible and gone afterwards', () => {
      disk.publish('d/x', 'one');
      disk.replaceIfEqual('d/x', 'one', 'two');
      expect(disk.list('d')).toEqual({ state: 'present', names: ['x'] });
    });
  });

  describe(`${name}: moving a directory`, () => {
    test('it has the new name with everything in it, and the old name is free', () => {
      disk.publish('schedules/a/spec.json', 'spec');
      disk.publish('schedules/a/state/1', 'one');
      expect(disk.moveTree('schedules/a', 'trash/t/a')).toBe(true);
      expect(disk.stat('schedules/a')).toEqual({ state: 'absent' });
      expect([textOf('trash/t/a/spec.json'), textOf('trash/t/a/state/1')]).toEqual(['spec', 'one']);
      expect(disk.publish('schedules/a/spec.json', 'another')).toBe(true);
    });

    test('it never takes the place of what is there, and of nothing it makes nothing', () => {
      disk.publish('a/x', 'a');
      disk.publish('b/y', 'b');
      disk.publish('file', 'f');
      for (const taken of ['b', 'file']) expect(disk.moveTree('a', taken), taken).toBe(false);
      expect([textOf('a/x'), textOf('b/y'), textOf('file')]).toEqual(['a', 'b', 'f']);
      expect(disk.moveTree('none', 'trash/none')).toBe(false);
      expect(disk.stat('trash')).toEqual({ state: 'absent' });
    });
  });

  describe(`${name}: moving`, () => {
    test('a move gives the new name and takes the old one', () => {
      disk.publish('goals/x.md', 'x');
      expect(disk.move('goals/x.md', 'goals/archive/x.md')).toBe(true);
      expect(disk.stat('goals/x.md').state).toBe('absent');
      expect(textOf('goals/archive/x.md')).toBe('x');
    });

    test('a move never overwrites, and a move of nothing makes nothing', () => {
      disk.publish('goals/x.md', 'new');
      disk.publish('goals/archive/x.md', 'old');
      expect(disk.move('goals/x.md', 'goals/archive/x.md')).toBe(false);
      expect(textOf('goals/x.md')).toBe('new');
      expect(textOf('goals/archive/x.md')).toBe('old');
      expect(disk.move('goals/none.md', 'other/none.md')).toBe(false);
      expect(disk.stat('other').state).toBe('absent');
    });

    test('what cannot be moved there says so and stays where it is', () => {
      disk.publish('goals/x.md', 'x');
      disk.publish('goals/archive', 'a file where a directory should be');
      expect(() => disk.move('goals/x.md', 'goals/archive/x.md')).toThrow(TendError);
      expect(textOf('goals/x.md')).toBe('x');
    });
  });
}
