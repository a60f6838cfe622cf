/** The real local disk over the file system in memory keeps what every Disk promises: the ground that the simulation stands on. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TendError } from '../../src/model/error.js';
import type { Disk } from '../../src/store/disk.js';
import { conformance } from '../store/disk-conformance.js';
import { type Built, buildSimulation } from './build.js';
import { template } from './ground.js';
import { Machine } from './machine.js';
import { type Bundle, compile, Realm } from './realm.js';

let built: Built;
let bundle: Bundle;
beforeAll(async () => {
  built = await buildSimulation();
  bundle = compile(readFileSync(built.program, 'utf8'));
});
afterAll(() => built.remove());

const root = new URL('../..', import.meta.url).pathname;

/** A machine with one process that does nothing but hold the disk. */
function machineWithDisk() {
  const realms = { take: () => new Realm(bundle), give: () => undefined };
  const machine = new Machine({ seed: 1, from: template(root), realms, outside: () => undefined });
  const process = machine.start(['nobody'], {});
  return { machine, process, disk: outOfRealm(process.realm!.exports.localDisk('/fresh')) };
}

/** An error of the program in the realm is of another class than ours, with the same fields. */
function outOfRealm(disk: Disk): Disk {
  const wrapped = Object.entries(disk).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member];
    const call = (...args: unknown[]) => {
      try {
        return structuredClone(member(...args));
      } catch (error) {
        const { kind, code, message } = error as TendError;
        throw kind === undefined ? error : new TendError(kind, message, { code });
      }
    };
    return [name, call];
  });
  return Object.fromEntries(wrapped) as unknown as Disk;
}

conformance('the local disk over the simulated file system', () => ({
  disk: machineWithDisk().disk,
  dispose: () => undefined,
}));

describe('faults of the simulated file system', () => {
  test('a full disk refuses content and leaves the old one', () => {
    const { machine, disk } = machineWithDisk();
    disk.replace('a', 'old');
    machine.disk.isFull = true;
    expect(() => disk.replace('a', 'new')).toThrow(/the disk is full/);
    machine.disk.isFull = false;
    expect(disk.read('a')).toMatchObject({ text: 'old' });
    expect(machine.disk.names('/fresh')).toEqual(['a']);
  });

  test('a death in an append tears that line, and the next one is whole', () => {
    const { machine, process, disk } = machineWithDisk();
    disk.append('log', 'one');
    machine.doom(process, { crash: { in: 1, how: 0.5 } });
    expect(() => disk.append('log', 'second')).toThrow();
    expect(process.isDead).toBe(true);
    expect(machine.disk.text('/fresh/log')).toBe('\none\n\nsec');
    const other = machine.start(['nobody'], {});
    outOfRealm(other.realm!.exports.localDisk('/fresh')).append('log', 'third');
    expect(machine.disk.text('/fresh/log')!.split('\n').filter(Boolean)).toEqual(['one', 'sec', 'third']);
  });

  test('a directory without permission makes what is in it unreadable, not absent', () => {
    const { machine, disk } = machineWithDisk();
    disk.publish('asks/web-1.md', 'x');
    machine.disk.peek('/fresh/asks')!.mode = 0;
    expect(disk.read('asks/web-1.md')).toMatchObject({ state: 'unreadable', reason: 'permission denied' });
    expect(disk.list('asks')).toMatchObject({ state: 'unreadable' });
  });
});
