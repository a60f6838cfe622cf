import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type House, openHouse, until } from '../e2e/house.js';

// The files of which there is one, each replaced by something else under a running pulse. The loop goes on, or status says which file keeps
// it; the pulse lives; nothing is written through a link; and with the file back, everything is as before.
// Many process starts in a row: on a loaded machine they take their time.
vi.setConfig({ testTimeout: 180_000 });

let house: House;
beforeEach(async () => {
  house = openHouse();
  await house.init();
});
afterEach(() => house.close());

const outside = () => join(house.base, 'outside');
const SECRET = 'the diary of a neighbour\n';

/** Makes one at `path`; a loop leads back to `name`. */
const KINDS: Record<string, (path: string, name?: string) => void> = {
  garbage: (path) =>
    writeFileSync(
      path,
      Uint8Array.from({ length: 2_000 }, (_, n) => (n * 7_919) % 256),
    ),
  empty: (path) => writeFileSync(path, ''),
  huge: (path) => {
    writeFileSync(path, '');
    truncateSync(path, 2 ** 30);
  },
  'a link out': (path) => symlinkSync(outside(), path),
  'a loop': (path, name = path) => symlinkSync(name, path),
  'a pipe': (path) => void execFileSync('mkfifo', [path]),
  'a folder': (path) => mkdirSync(path),
  newer: (path) => writeFileSync(path, '{"format":99}\n'),
};

const today = () => new Date().toLocaleDateString('sv');
const NO_RECORD = ['garbage', 'empty', 'a link out', 'a loop', 'a pipe', 'a folder'];
/** The journal may be a link: people keep it elsewhere. The config has no format of its own. */
const SINGLES: Record<string, { key: () => string; kinds: string[] }> = {
  'the PLAYBOOK': { key: () => 'PLAYBOOK.md', kinds: [...NO_RECORD, 'huge'] },
  'the config': { key: () => 'config.json', kinds: NO_RECORD },
  'the memory of the pulse': { key: () => 'pulse/memory.json', kinds: [...NO_RECORD, 'huge', 'newer'] },
  'the holder of the pulse': { key: () => 'pulse/holder.json', kinds: ['garbage', 'a loop', 'a pipe', 'newer'] },
  'the key of seals': { key: () => 'pulse/seal.json', kinds: [...NO_RECORD, 'newer'] },
  'the journal': { key: () => 'journal.md', kinds: ['garbage', 'empty', 'huge', 'a loop', 'a pipe', 'a folder'] },
  'the ledger of today': { key: () => `spend-${today()}.ndjson`, kinds: [...NO_RECORD, 'huge', 'newer'] },
  'the events of today': { key: () => `events-${today()}.ndjson`, kinds: ['a link out', 'a pipe', 'a folder'] },
};

test.each(Object.entries(SINGLES))(
  '%s is something else: the loop goes on or status says why not; given back, all is as before',
  async (_name, single) => {
    writeFileSync(outside(), SECRET);
    const pid = await house.up();
    await house.settled();
    const key = single.key();
    const [path, aside, made] = [join(house.root, key), join(house.base, 'aside'), join(house.base, 'made')];
    let round = 0;
    const goad = (what: string): Promise<string> => {
      const goal = `g${++round}`;
      house.next({ action: 'write_goal', id: goal, body: 'It goes on.' });
      house.write('goals/goad.md', `${goal}\n`);
      return until(`a move, or the name of ${key} in status, when it is ${what}`, async () => {
        if (house.text(`goals/${goal}.md`) !== '') return 'went on';
        return (await house.must(['status'])).includes(key) ? 'said why' : undefined;
      });
    };
    for (const kind of single.kinds) {
      // In one step each, or the pulse finds the name free in between and makes the file anew.
      KINDS[kind]!(made, path);
      // A journal over its cap is on its way to journal.md.1, and made anew with the line that comes.
      await until(`${key} is there`, () => readdirSync(dirname(path)).includes(basename(path)));
      if (kind === 'a folder') renameSync(path, aside);
      else linkSync(path, aside);
      renameSync(made, path);
      await goad(kind);
      if (kind === 'a folder') rmSync(path, { recursive: true, force: true });
      renameSync(aside, path);
    }
    await until('the loop goes on', async () => (await goad('itself again')) === 'went on');
    expect(await house.pulse()).toMatchObject({ alive: true, pid });
    expect(readFileSync(outside(), 'utf8')).toBe(SECRET);
  },
);

test.each(['a pipe', 'a link out', 'a loop', 'a folder'])(
  'with %s for its log the pulse is not started: up says which file, at once, and writes through no link',
  async (kind) => {
    writeFileSync(outside(), SECRET);
    mkdirSync(join(house.root, 'pulse'), { recursive: true });
    KINDS[kind]!(join(house.root, 'pulse/pulse.log'));
    const { code, stdout, stderr } = await house.tend(['up']);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain('pulse/pulse.log');
    expect(readFileSync(outside(), 'utf8')).toBe(SECRET);
    expect(house.inhabitants()).toEqual([]);
  },
);

test.each([
  ['a loop', /9\.json.*symbolic link/],
  ['newer', /newer tend/],
])(
  'a newest epoch that is %s: nobody can tell who holds the lock, so no pulse starts, and up says why',
  async (kind, why) => {
    mkdirSync(join(house.root, 'locks/pulse'), { recursive: true });
    KINDS[kind]!(join(house.root, 'locks/pulse/9.json'));
    const { code, stderr } = await house.tend(['up']);
    expect(code).toBe(1);
    expect(stderr).toMatch(why);
    rmSync(join(house.root, 'locks/pulse/9.json'));
    await house.up();
  },
);

test('a pipe or a folder in place of a writer lock is broken like any lock that is old', async () => {
  await house.must(['goal', 'write', 'g', 'one']);
  await house.must(['claim', 'l', '--session', 's']);
  KINDS['a pipe']!(join(house.root, 'goals/.dirlock'));
  KINDS['a folder']!(join(house.root, 'leases/.dirlock'));
  await Promise.all([house.must(['goal', 'write', 'g', 'two']), house.must(['unclaim', 'l', '--session', 's'])]);
  expect(house.text('goals/g.md')).toBe('two\n');
});

test('a record with the longest name that a file can have goes to quarantine under a shorter one', async () => {
  mkdirSync(join(house.root, 'intents'), { recursive: true });
  for (const end of ['a', 'b']) house.write(`intents/${'ü'.repeat(124)}${end}.json`, end);
  await house.up();
  await house.settled();
  const kept = readdirSync(join(house.root, 'quarantine')).map((name) => house.text(`quarantine/${name}`));
  expect(kept.sort()).toEqual(['a', 'b']);
});
