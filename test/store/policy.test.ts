import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { archiveGoal, goalIds, removePolicy, sensorNames, versions, writePolicy } from '../../src/store/policy.js';
import { quarantine } from '../../src/store/quarantine.js';

const NOW = Date.UTC(2026, 10, 21, 7, 42, 0);
let disk: Disk;
beforeEach(() => {
  disk = localDisk(mkdtempSync(join(tmpdir(), 'tend-policy-')));
});
afterEach(() => rmSync(disk.root, { recursive: true, force: true }));

const text = (key: string) => {
  const read = disk.read(key);
  return read.state === 'present' ? read.text : read.state;
};
const history = (key: string) => versions(disk, key).map((version) => text(version.key));
const write = (key: string, content: string, now = NOW, keep = 20) => writePolicy(disk, key, content, { now, keep });

test('every overwritten version is kept, also several of one second, in their order', () => {
  for (const content of ['one', 'two\n', 'three', 'four']) expect(write('PLAYBOOK.md', content)).toBe(true);
  expect(text('PLAYBOOK.md')).toBe('four\n');
  expect(versions(disk, 'PLAYBOOK.md').map((version) => version.stamp)).toEqual([
    '20261121-074200',
    '20261121-074200-0001',
    '20261121-074200-0002',
  ]);
  expect(history('PLAYBOOK.md')).toEqual(['one\n', 'two\n', 'three\n']);
});

test('the same content writes nothing, not even a version', () => {
  write('goals/x.md', 'same');
  expect(write('goals/x.md', 'same')).toBe(false);
  expect(write('goals/x.md', 'same\n')).toBe(false);
  expect(history('goals/x.md')).toEqual([]);
});

test('a sensor that lost its exec bit gets it back although its text is the same', () => {
  const sensor = () => writePolicy(disk, 'sensors/s.sh', 'echo', { now: NOW, keep: 20, mode: 0o755 });
  sensor();
  chmodSync(disk.path('sensors/s.sh'), 0o600);
  expect(sensor()).toBe(true);
  expect(disk.stat('sensors/s.sh')).toMatchObject({ executable: true });
  expect(sensor()).toBe(false);
});

test('only the newest versions are kept, 0 keeps all', () => {
  for (let n = 0; n < 6; n++) write('PLAYBOOK.md', `v${n}`, NOW + n * 1000, 3);
  expect(history('PLAYBOOK.md')).toEqual(['v2\n', 'v3\n', 'v4\n']);
  for (let n = 6; n < 9; n++) write('PLAYBOOK.md', `v${n}`, NOW + n * 1000, 0);
  expect(history('PLAYBOOK.md')).toHaveLength(6);
});

test('after the clock was set back the version kept last is the newest, and what was kept before goes first', () => {
  for (let n = 0; n < 4; n++) write('PLAYBOOK.md', `v${n}`, NOW + n * 1000, 3);
  for (let n = 4; n < 6; n++) write('PLAYBOOK.md', `v${n}`, NOW - 3_600_000 + n * 1000, 3);
  expect(history('PLAYBOOK.md').sort()).toEqual(['v2\n', 'v3\n', 'v4\n']);
  write('PLAYBOOK.md', 'v6', NOW - 3_600_000 + 6_000, 3);
  expect(history('PLAYBOOK.md').sort()).toEqual(['v3\n', 'v4\n', 'v5\n']);
});

test('what somebody wrote between our look and our write is kept as well', () => {
  write('PLAYBOOK.md', 'one');
  let isFirst = true;
  const raced: Disk = {
    ...disk,
    replaceIfEqual: (...args) => {
      if (isFirst) disk.replace('PLAYBOOK.md', 'by a human meanwhile\n');
      isFirst = false;
      return disk.replaceIfEqual(...args);
    },
  };
  expect(writePolicy(raced, 'PLAYBOOK.md', 'two', { now: NOW, keep: 20 })).toBe(true);
  expect(text('PLAYBOOK.md')).toBe('two\n');
  expect(history('PLAYBOOK.md')).toEqual(['one\n', 'by a human meanwhile\n']);
});

test('a file that cannot be read first is neither replaced nor removed', () => {
  disk.makeDir('goals/x.md');
  expect(() => write('goals/x.md', 'new')).toThrow(/must be read first: it is a directory/);
  expect(() => removePolicy(disk, 'goals/x.md', { now: NOW, keep: 20 })).toThrow(/must be read first/);
});

test('a removed file leaves its last version; removing nothing is false', () => {
  write('sensors/s.sh', 'echo');
  expect(removePolicy(disk, 'sensors/s.sh', { now: NOW, keep: 20 })).toBe(true);
  expect(removePolicy(disk, 'sensors/s.sh', { now: NOW, keep: 20 })).toBe(false);
  expect(history('sensors/s.sh')).toEqual(['echo\n']);
});

test('archiving the same goal again and again keeps every one', () => {
  for (const content of ['one', 'two', 'three']) {
    write('goals/x.md', content);
    archiveGoal(disk, 'x');
  }
  expect(readdirSync(disk.path('goals/archive')).sort()).toEqual(['x-1.md', 'x-2.md', 'x.md']);
  expect(['x', 'x-1', 'x-2'].map((id) => text(`goals/archive/${id}.md`))).toEqual(['one\n', 'two\n', 'three\n']);
  expect(archiveGoal(disk, 'x')).toBeUndefined();
});

test('an archive that cannot be looked into stops the archiving, and the goal stays', () => {
  write('goals/x.md', 'one');
  symlinkSync('/no/such/place', disk.path('goals/archive'));
  expect(() => archiveGoal(disk, 'x')).toThrow();
  expect(text('goals/x.md')).toBe('one\n');
});

test('listings are ids, sorted, without the archive, hidden files and other endings', () => {
  for (const name of ['b.md', 'a.md', '.hidden.md', 'notes.txt']) disk.publish(`goals/${name}`, 'x');
  disk.publish('goals/archive/old.md', 'x');
  disk.publish('sensors/today.sh', 'x');
  expect(goalIds(disk)).toEqual(['a', 'b']);
  expect(sensorNames(disk)).toEqual(['today']);
});

test('goals that cannot be listed are an error, not an empty list', () => {
  writeFileSync(disk.path('goals'), 'a file where a directory should be');
  expect(() => goalIds(disk)).toThrow(/Cannot list "goals"/);
});

test('a bad record goes to quarantine with its bytes, is reported once, and its name is free again', () => {
  disk.publish('schedules/s.json', 'garbage 1');
  expect(quarantine(disk, 'schedules/s.json', 'not JSON', NOW)).toBe('quarantine/schedules__s.json.1');
  disk.publish('schedules/s.json', 'garbage 2');
  expect(quarantine(disk, 'schedules/s.json', 'not JSON', NOW)).toBe('quarantine/schedules__s.json.2');
  expect(quarantine(disk, 'schedules/s.json', 'not JSON', NOW)).toBeUndefined();
  expect(text('quarantine/schedules__s.json.1')).toBe('garbage 1');
  expect(text('quarantine/schedules__s.json.2')).toBe('garbage 2');
  const events = readdirSync(disk.root).filter((name) => name.startsWith('events-'));
  expect(text(events[0]!).match(/"event":"quarantined"/g)).toHaveLength(2);
});
