/** The local disk: the suite that every Disk inherits, and what only a real file system can do to us. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TendError } from '../../src/model/error.js';
import { ensureRootAt, makeDirAt } from '../../src/store/local-dirs.js';
import { localDisk } from '../../src/store/local-disk.js';
import { sweepTemps } from '../../src/store/temps.js';
import { conformance } from './disk-conformance.js';
import { startActor } from './processes.js';

const makeRoot = () => mkdtempSync(join(tmpdir(), 'tend-disk-'));

conformance('localDisk', () => {
  const root = makeRoot();
  return { disk: localDisk(root), dispose: () => rmSync(root, { recursive: true, force: true }) };
});

describe('a real file system', () => {
  let root: string;
  let outside: string;
  beforeEach(() => {
    root = makeRoot();
    outside = makeRoot();
  });
  afterEach(() => {
    for (const dir of [root, outside]) rmSync(dir, { recursive: true, force: true });
  });
  const mode = (path: string) => statSync(path).mode & 0o777;
  const code = (step: () => unknown): string => {
    try {
      step();
    } catch (error) {
      if (error instanceof TendError) return error.code;
      throw error;
    }
    return 'done';
  };

  test('files are private and directories too, whatever the umask', () => {
    const before = process.umask(0);
    try {
      const disk = localDisk(join(outside, 'made/data'));
      disk.publish('asks/web-1.md', 'x');
      disk.append('log', 'x');
      expect([
        mode(disk.root),
        mode(disk.path('asks')),
        mode(disk.path('asks/web-1.md')),
        mode(disk.path('log')),
      ]).toEqual([0o700, 0o700, 0o600, 0o600]);
      process.umask(0o077);
      disk.publish('sensors/today.sh', 'x', 0o755);
      expect(mode(disk.path('sensors/today.sh'))).toBe(0o755);
    } finally {
      process.umask(before);
    }
  });

  test('an open data dir of our own is closed by the first write; a shared directory is left as it is', () => {
    chmodSync(root, 0o755);
    mkdirSync(join(root, 'asks'));
    localDisk(root).read('x');
    expect(mode(root)).toBe(0o755);
    localDisk(root).publish('x', 'x');
    expect(mode(root)).toBe(0o700);

    writeFileSync(join(outside, 'somebody-elses'), '');
    chmodSync(outside, 0o755);
    localDisk(outside).publish('x', 'x');
    expect(mode(outside)).toBe(0o755);
    rmSync(join(outside, 'somebody-elses'));
    rmSync(join(outside, 'x'));
    chmodSync(outside, 0o1777);
    localDisk(outside).publish('x', 'x');
    expect(statSync(outside).mode & 0o7777).toBe(0o1777);
  });

  test('a relative data dir is refused', () => {
    expect(() => localDisk('data')).toThrow(/absolute/);
  });

  test('a pipe, a socket and a loop of links are unreadable, at once, and are not written into', () => {
    const disk = localDisk(root);
    execFileSync('mkfifo', [join(root, 'fifo')]);
    symlinkSync('loop', join(root, 'loop'));
    for (const key of ['fifo', 'loop']) {
      expect(disk.read(key)).toMatchObject({ state: 'unreadable' });
      expect(disk.tail(key, 10)).toMatchObject({ state: 'unreadable' });
      expect(disk.text(key)).toEqual(disk.read(key));
      expect(code(() => disk.append(key, 'x'))).toBe('io-error');
      expect(disk.publish(key, 'x')).toBe(false);
    }
    expect(disk.stat('fifo')).toMatchObject({ kind: 'other' });
    expect(disk.stat('loop')).toMatchObject({ state: 'unreadable', reason: 'too many symbolic links' });
  });

  test('a pipe that has a writer keeps its bytes, and a device is none of ours: the text of neither can be read', () => {
    const disk = localDisk(root);
    execFileSync('mkfifo', [join(root, 'fifo')]);
    const pipe = openSync(join(root, 'fifo'), constants.O_RDWR | constants.O_NONBLOCK);
    try {
      writeSync(pipe, 'for another');
      expect(disk.text('fifo')).toEqual({ state: 'unreadable', reason: 'it is a socket, a pipe or a device' });
      const kept = Buffer.alloc(20);
      expect(kept.toString('utf8', 0, readSync(pipe, kept))).toBe('for another');
    } finally {
      closeSync(pipe);
    }
    for (const device of ['null', 'zero', 'full']) {
      symlinkSync(`/dev/${device}`, join(root, device));
      expect(disk.text(device), device).toEqual(disk.read(device));
      expect(disk.text(device), device).toMatchObject({ state: 'unreadable' });
    }
  });

  test('a link to nothing is a name that exists: unreadable, never absent, also above the file', () => {
    const disk = localDisk(root);
    symlinkSync('/no/such/place', join(root, 'asks'));
    for (const key of ['asks', 'asks/web-1.md', 'asks/deep/er']) {
      expect(disk.read(key)).toMatchObject({ state: 'unreadable', reason: '"asks" is a symbolic link to nothing' });
      expect(disk.text(key)).toEqual(disk.read(key));
      expect(disk.stat(key).state).toBe('unreadable');
      expect(disk.list(key).state).toBe('unreadable');
    }
    expect(code(() => disk.replace('asks', 'x'))).toBe('io-error');
    expect(code(() => disk.removeIfEqual('asks', 'x'))).toBe('unreadable');
  });

  test('a policy file that is a link into a repository is written through', () => {
    const disk = localDisk(root);
    writeFileSync(join(outside, 'PLAYBOOK.md'), 'old');
    symlinkSync(join(outside, 'PLAYBOOK.md'), join(root, 'PLAYBOOK.md'));
    disk.replace('PLAYBOOK.md', 'new');
    expect(lstatSync(join(root, 'PLAYBOOK.md')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(outside, 'PLAYBOOK.md'), 'utf8')).toBe('new');
  });

  test('a move that was cut between its two steps is completed by the next move of the pair', () => {
    const disk = localDisk(root);
    disk.publish('asks/web-1.md', 'x');
    disk.makeDir('asks/archive');
    linkSync(disk.path('asks/web-1.md'), disk.path('asks/archive/web-1.md'));
    expect(disk.move('asks/web-1.md', 'asks/archive/web-1.md')).toBe(true);
    expect(disk.stat('asks/web-1.md').state).toBe('absent');
    expect(disk.read('asks/archive/web-1.md')).toMatchObject({ text: 'x' });
  });

  test('a step that had looked before the data dir was taken away does not make it again', () => {
    const root = join(outside, 'taken');
    ensureRootAt(root);
    makeDirAt(`${root}/asks/archive`);
    rmSync(root, { recursive: true });
    for (const path of [root, `${root}/asks`, `${root}/asks/archive`])
      expect(() => makeDirAt(path)).toThrowError(expect.objectContaining({ code: 'EGONE' }));
    expect(existsSync(root)).toBe(false);
    ensureRootAt(root);
    expect(existsSync(root)).toBe(true);
  });

  test('a data dir that is moved away stays away: no write makes a ghost of it, and it can be moved back', () => {
    const disk = localDisk(root);
    disk.publish('asks/web-1.md', 'x');
    renameSync(root, join(outside, 'old'));
    expect(disk.read('asks/web-1.md').state).toBe('absent');
    for (const write of [
      () => disk.publish('asks/web-1.md', 'y'),
      () => disk.replace('asks/web-1.md', 'y'),
      () => disk.append('journal.md', 'y'),
      () => disk.makeDir('asks'),
    ])
      expect(code(write)).toBe('data-dir-gone');
    expect(lstatSync(root, { throwIfNoEntry: false })).toBeUndefined();
    renameSync(join(outside, 'old'), root);
    expect(disk.publish('asks/web-2.md', 'y')).toBe(true);
  });

  test.each(['asks/web-1.md', 'snapshots/sys-asks.json', 'pulse/memory.json'])(
    'a link in place of the record %s is replaced by the record; what it points to is left alone',
    (key) => {
      const disk = localDisk(root);
      disk.makeDir(dirname(key));
      for (const target of [join(outside, 'mine'), '/no/such/place', disk.path(key)]) {
        writeFileSync(join(outside, 'mine'), 'old');
        symlinkSync(target, disk.path(key));
        disk.replace(key, 'new');
        expect(lstatSync(disk.path(key)).isFile()).toBe(true);
        expect(readFileSync(join(outside, 'mine'), 'utf8')).toBe('old');
        rmSync(disk.path(key));
      }
    },
  );

  test('no row is appended through a link, except to the journal, which people may keep elsewhere', () => {
    const disk = localDisk(root);
    writeFileSync(join(outside, 'mine'), '');
    for (const key of ['spend-2026-11-21.ndjson', 'events-2026-11-21.ndjson', 'journal.md'])
      symlinkSync(join(outside, 'mine'), join(root, key));
    expect(() => disk.append('spend-2026-11-21.ndjson', 'x')).toThrow(/symbolic link/);
    expect(() => disk.append('events-2026-11-21.ndjson', 'x')).toThrow(/symbolic link/);
    expect(readFileSync(join(outside, 'mine'), 'utf8')).toBe('');
    disk.append('journal.md', '- line');
    expect(readFileSync(join(outside, 'mine'), 'utf8')).toContain('- line');
  });

  test('temp files of killed processes are swept when they are old, and nothing else is', () => {
    const disk = localDisk(root);
    disk.publish('asks/web-1.md', 'x');
    for (const name of ['.tmp-99-old', '.tmp-99-new', '.dotfile', '.dirlock-abc'])
      writeFileSync(join(root, 'asks', name), '');
    for (const name of ['.tmp-99-old', '.dotfile', '.dirlock-abc', 'web-1.md'])
      utimesSync(join(root, 'asks', name), 1, 1);
    expect(sweepTemps(disk, 'asks', 60_000)).toBe(2);
    expect(readdirSync(join(root, 'asks')).sort()).toEqual(['.dotfile', '.tmp-99-new', 'web-1.md']);
    expect(sweepTemps(disk, 'no/such/dir', 0)).toBe(0);
  });

  test('with no descriptor left a record is unreadable, not absent, and the watch falls back to the poll with one warning', async () => {
    const actor = await startActor({ job: 'starve', root }, ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh']);
    const got = (await actor.next()) as { warnings: string[]; read: object; listed: object };
    expect(got.read).toEqual({ state: 'unreadable', reason: 'this process has too many open files' });
    expect(got.listed).toMatchObject({ state: 'unreadable' });
    expect(got.warnings).toEqual([expect.stringContaining('now and then')]);
  });

  const canSetUid = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;
  test.skipIf(process.getuid?.() === 0 && !canSetUid)(
    'without permission a record is unreadable, not absent',
    async () => {
      writeFileSync(join(root, 'secret'), 'x');
      chmodSync(join(root, 'secret'), 0);
      mkdirSync(join(root, 'locked'));
      writeFileSync(join(root, 'locked/x'), 'x');
      chmodSync(join(root, 'locked'), 0);
      chmodSync(root, 0o555);
      const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
      const actor = await startActor({ job: 'denied', root }, canSetUid ? nobody : []);
      const got = await actor.next();
      chmodSync(root, 0o700);
      chmodSync(join(root, 'locked'), 0o700);
      const denied = { state: 'unreadable', reason: 'permission denied' };
      expect(got).toEqual([denied, denied, denied, denied, 'no-permission', 'no-permission', 'unreadable']);
    },
  );

  test('on a full disk no short file gets a name, no temp file stays, and the error says so', (context) => {
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs', outside]);
    if (mount.status !== 0) return context.skip('a small tmpfs cannot be mounted here, so a full disk was NOT tested');
    try {
      const disk = localDisk(outside);
      disk.replace('memory.json', 'old');
      disk.publish('lease', 'mine');
      const big = Buffer.alloc(400 * 1024, 'x');
      expect(code(() => disk.publish('asks/web-1.md', big))).toBe('disk-full');
      expect(code(() => disk.replace('memory.json', big))).toBe('disk-full');
      expect(code(() => disk.replaceIfEqual('memory.json', 'old', big.toString()))).toBe('disk-full');
      expect(code(() => disk.append('journal.md', big.toString()))).toBe('disk-full');
      expect(disk.stat('asks/web-1.md').state).toBe('absent');
      expect(disk.read('memory.json')).toMatchObject({ text: 'old' });
      const debris = readdirSync(outside, { recursive: true }).filter((name) => String(name).includes('.'));
      expect(debris.sort()).toEqual(['journal.md', 'memory.json']);
      expect(() => disk.publish('x', big)).toThrow('the disk is full');
      // What frees space must work on a full disk: the torn journal line filled it to the last block.
      expect(disk.removeIfEqual('lease', 'mine')).toBe(true);
      disk.remove('journal.md');
      expect(disk.publish('asks/web-1.md', 'small')).toBe(true);
    } finally {
      spawnSync('umount', [outside]);
    }
  });
});
