import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localDisk } from '../../src/store/local-disk.js';
import { loopIds, readLoop } from '../../src/store/loops.js';
import { newestRuns } from '../../src/store/runs.js';
import { readAttempt, slotsOf } from '../../src/store/slots.js';
import { type House, openHouse } from '../e2e/house.js';

// The power goes away: of what the built program wrote only that is left which it had told the disk to keep.
let house: House;
beforeEach(() => {
  house = openHouse();
});
afterEach(() => house.close());

type Line =
  | { did: 'dir'; ino: number; entries: { name: string; ino: number; isDir: boolean }[] }
  | { did: 'file'; ino: number; text: string }
  | { did: 'new' | 'start'; ino: number }
  | { did: 'spawn' };

/** Makes the data dir that is left after the first `until` lines of the log, and returns where. */
function leftAfter(lines: readonly Line[], until: number): string {
  const files = new Map<number, string>();
  const dirs = new Map<number, { name: string; ino: number; isDir: boolean }[]>();
  for (const line of lines.slice(0, until)) {
    if (line.did === 'dir') dirs.set(line.ino, line.entries);
    if (line.did === 'file') files.set(line.ino, line.text);
    if (line.did === 'new') for (const of of [files, dirs]) of.delete(line.ino);
  }
  const root = lines.find((line) => line.did === 'start');
  const make = (at: string, ino: number): void => {
    mkdirSync(at, { recursive: true, mode: 0o700 });
    for (const { name, ino: of, isDir } of dirs.get(ino) ?? [])
      if (isDir) make(join(at, name), of);
      else writeFileSync(join(at, name), Buffer.from(files.get(of) ?? '', 'base64'), { mode: 0o600 });
  };
  const at = join(house.base, `left-${until}`);
  make(at, root?.did === 'start' ? root.ino : 0);
  return at;
}

/** What a new process finds of the one attempt of the one loop. */
function found(root: string) {
  const disk = localDisk(root);
  const [id = ''] = loopIds(disk);
  const [slot] = slotsOf(disk, id);
  const attempt = slot === undefined ? undefined : readAttempt(disk, { loop: id, slot, attempt: 1 });
  const listed = disk.list('live');
  return {
    entry: readLoop(disk, id),
    claim: attempt?.claim.state,
    result: attempt?.result,
    marks: listed.state === 'present' ? listed.names : [],
    rows: newestRuns(disk, 10).filter(({ kind }) => kind === 'loop'),
  };
}

test('when the power goes, a claim stands before its command starts, its result and row when they are told, and no record is half [loops 74]', async () => {
  await house.init();
  const command = `echo x >> ${house.base}/effects; echo out`;
  await house.must(['loops', 'create', 'command', 'once', '--cmd', command, '--at', '2020-01-01T00:00:00Z']);
  const log = join(house.base, 'power.log');
  const preload = new URL('power-log.cjs', import.meta.url).pathname;
  await house.must(['loops', 'run-now', 'once'], {
    env: { NODE_OPTIONS: `--require=${preload}`, POWER_ROOT: house.root, POWER_LOG: log },
  });
  const lines = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const started = lines.findIndex(({ did }) => did === 'start') + 1;
  const spawned = lines.findIndex(({ did }) => did === 'spawn');
  expect(spawned).toBeGreaterThan(started);
  let told = 0;
  for (let until = started; until <= lines.length; until++) {
    const left = found(leftAfter(lines, until));
    expect(left.entry?.state, `after ${until}`).toBe('ok');
    expect(['present', ...(until <= spawned ? [undefined] : [])], `after ${until}`).toContain(left.claim);
    expect(left.result?.error, `after ${until}`).toBeUndefined();
    // Whoever is not finished is found by a mark.
    if (left.claim && left.rows.length === 0) expect(left.marks, `after ${until}`).toHaveLength(1);
    told = left.rows.length;
  }
  const end = found(join(house.base, `left-${lines.length}`));
  expect(told).toBe(1);
  expect(end).toMatchObject({ claim: 'present', result: { status: 'succeeded' }, marks: [] });
  expect(end.rows).toMatchObject([{ status: 'succeeded' }]);
  expect(end.entry).toMatchObject({ loopState: { status: 'stopped' } });
  // After each loss a new process goes on: the command that was begun is not begun again.
  for (const until of [spawned + 1, lines.length]) {
    await house.must(['loops', 'tick'], { env: { TEND_DATA_DIR: join(house.base, `left-${until}`) } });
    expect(readFileSync(join(house.base, 'effects'), 'utf8')).toBe('x\n');
  }
});
