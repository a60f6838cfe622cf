import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fold, foldable } from '../../src/runs/fold.js';
import { tickAll } from '../../src/runs/tick.js';
import type { Disk, Keeping } from '../../src/store/disk.js';
import { readAttempt, readOutputs } from '../../src/store/slots.js';
import { done, MINUTE, mortal, openRig, type Rig } from './loop-rig.js';

/** What becomes of a write that was not synced: its name is not there, or it is there without its bytes. */
type Loss = 'gone' | 'empty';

/** A disk that loses with the power what it was not told to keep. */
function powered(disk: Disk, loss: Loss): Disk & { cut(): void } {
  let undo: { key: string; unlisted: boolean; back(): void }[] = [];
  const bytes = (key: string): Buffer | undefined => {
    const stat = disk.stat(key);
    return stat.state === 'present' ? readFileSync(disk.path(key)) : undefined;
  };
  const put = (key: string, to: Buffer | undefined): void =>
    to === undefined ? rmSync(disk.path(key), { force: true }) : writeFileSync(disk.path(key), to);
  const write = (keeping: Keeping | undefined, key: string, step: () => boolean): boolean => {
    const before = bytes(key);
    if (!step()) return false;
    // A synced step is one of its directory, too.
    if (typeof keeping !== 'string') undo = undo.filter((one) => !(one.unlisted && dirname(one.key) === dirname(key)));
    else if (keeping === 'unlisted') undo.push({ key, unlisted: true, back: () => put(key, before) });
    else undo.push({ key, unlisted: false, back: () => put(key, loss === 'gone' ? before : Buffer.of()) });
    return true;
  };
  return {
    ...disk,
    publish: (key, content, keeping) => write(keeping, key, () => disk.publish(key, content, keeping)),
    replace: (key, content, keeping) =>
      void write(keeping, key, () => {
        disk.replace(key, content, keeping);
        return true;
      }),
    append(key, line, how) {
      const before = bytes(key) ?? Buffer.of();
      disk.append(key, line, how);
      if (how) undo.push({ key, unlisted: false, back: () => put(key, before) });
    },
    remove(key, how) {
      const before = bytes(key);
      disk.remove(key, how);
      // A name that was removed comes back in the one world, and stays away in the other.
      if (how && before && loss === 'gone') undo.push({ key, unlisted: false, back: () => put(key, before) });
    },
    cut() {
      for (const { back } of undo.reverse()) back();
      undo = [];
    },
  };
}

const never = new AbortController().signal;
/** More than the revisions of a state that are kept. */
const SLOTS = 8;

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

/** A process that works through its slots until the machine loses its power after step `at`; 0: when all is done. */
async function workUntil(at: number, loss: Loss) {
  const id = rig.add({ catchUp: 'all' });
  rig.pass(SLOTS * MINUTE);
  const power = powered(rig.disk, loss);
  const disk = mortal(power, at);
  const worker = rig.process(() => done({ stdout: 'out' }), { disk });
  await tickAll(worker, never).catch(() => undefined);
  rig.kill(worker);
  const ended = disk.steps.flatMap((key) => (key.endsWith('.result') ? [key] : []));
  power.cut();
  return { id, ended, steps: disk.steps };
}

describe.each(['gone', 'empty'] as const)('the power goes, and what was not synced is %s', (loss) => {
  test('after any step: no slot is started twice, every result stands with its output, nothing stays open, each run is told once [loops 74, 75]', async () => {
    const all = (await workUntil(0, loss)).steps.length;
    // Each step of the first attempts; of the later ones every third, which has all kinds in it over the slots.
    const points = Array.from({ length: all }, (_, n) => n + 1).filter((n) => n < 18 || n % 3 === 0 || n > all - 3);
    expect(all).toBeGreaterThan(SLOTS * 6);
    for (const at of points) {
      rig.close();
      rig = openRig();
      const { id, ended } = await workUntil(at, loss);
      for (let n = 0; n < 3; n++)
        await tickAll(
          rig.process(() => done({ stdout: 'out' })),
          never,
        );
      // A mark without a claim is nobody's after a minute.
      rig.pass(MINUTE + 1_000);
      await tickAll(
        rig.process(() => done({ stdout: 'out' })),
        never,
      );
      const slots = rig.starts.map(({ slot }) => slot);
      expect(new Set(slots).size, `after ${at}: started twice`).toBe(slots.length);
      expect(rig.live(), `after ${at}`).toEqual([]);
      expect(Date.parse(rig.state(id).nextRunAt ?? ''), `after ${at}`).toBeGreaterThan(rig.clock.wall);
      for (const key of ended) {
        const slot = Date.parse(
          key.split('/')[3]!.replace(/^(....)(..)(..)T(..)(..)(..)(...)Z$/, '$1-$2-$3T$4:$5:$6.$7Z'),
        );
        const ref = { loop: id, slot, attempt: 1 };
        expect(readAttempt(rig.disk, ref)?.result, `after ${at}: ${key}`).toMatchObject({ status: 'succeeded' });
        expect(readOutputs(rig.disk, ref).stdout, `after ${at}: ${key}`).toBe('out');
      }
      rig.pass(48 * 60 * MINUTE);
      const now = rig.clock.wall;
      rig.change(id, { nextRunAt: new Date(now + MINUTE).toISOString() });
      const rows = new Map();
      for (const one of [...foldable(rig.disk, rig.loop(id), now)]) fold(rig.disk, one, { now, rows });
      const told = rig.rows().map(({ slot }) => slot);
      expect(new Set(told).size, `after ${at}: told twice`).toBe(told.length);
      // Abandoned ones among them: claimed, and the power went before their start or their result.
      expect(told, `after ${at}`).toHaveLength(SLOTS + 1);
    }
  });
});
