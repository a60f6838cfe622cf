import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type House, openHouse, signal, until } from '../e2e/house.js';

// A disk without room, for bytes or for names: at rest, while a verb works, while a worker ends, before a decision, before the pulse starts. Nothing
// half is left, nobody is billed, whoever wanted to write says that the disk is full, and what waited goes on when there is room.
// Many process starts in a row: on a loaded machine they take their time.
vi.setConfig({ testTimeout: 180_000 });

let house: House;
let mounted = false;
beforeEach(() => {
  house = openHouse();
  mkdirSync(house.root, { mode: 0o700 });
});
afterEach(async () => {
  if (mounted) {
    await house.tend(['down', '--timeout', '5']);
    for (const pid of house.inhabitants()) signal(pid, 'SIGKILL');
    await until('nobody is inside', () => house.inhabitants().length === 0);
    execFileSync('umount', ['-l', house.root]);
    mounted = false;
  }
  await house.close();
});

function mount(): boolean {
  try {
    const options = 'size=2m,nr_inodes=600,mode=700';
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', house.root], { stdio: 'ignore' });
    mounted = true;
  } catch {
    mounted = false;
  }
  return mounted;
}

const FILLER = 'reports/filler';
const FILLS: Record<string, () => void> = {
  bytes: () => {
    const fd = openSync(join(house.root, FILLER), 'a');
    try {
      for (const size of [65_536, 4_096, 512]) untilFull(() => writeSync(fd, Buffer.alloc(size)) === size);
    } finally {
      closeSync(fd);
    }
  },
  names: () => {
    mkdirSync(join(house.root, FILLER), { recursive: true });
    let n = 0;
    untilFull(() => {
      writeFileSync(join(house.root, FILLER, `${n++}`), '');
      return true;
    });
  },
};
const makeRoom = () => rmSync(join(house.root, FILLER), { recursive: true });

function untilFull(step: () => boolean): void {
  try {
    while (step());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** Every file in the data dir, temp files too; what the filling made is left out. */
const names = (): string[] =>
  readdirSync(house.root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(house.root.length + 1))
    .filter((key) => !key.startsWith(FILLER));

const WRITERS: string[][] = [
  ['ask', 'me', '--prompt', 'x'],
  ['answer', 'setup-1', 'x'],
  ['goal', 'write', 'g', 'x'],
  ['playbook', 'write', 'x'],
  ['worker', 'start', 'v', 'x'],
  ['tell', 'w', 'x'],
  ['claim', 'l', '--session', 's'],
  ['schedule', 'write', 's', '--in', '1h'],
  ['goal', 'archive', 'setup'],
  ['run', '--', 'touch', 'ran'],
];
const READERS: string[][] = [
  ['status'],
  ['state'],
  ['asks'],
  ['wait', '--timeout', '0'],
  ['worker', 'list'],
  ['goal', 'list'],
  ['journal'],
];

test.for(Object.entries(FILLS))(
  'no room for %s: verbs that write say so and leave nothing half, verbs that read answer, and all goes on when there is room',
  async ([, fill], { skip }) => {
    if (!mount()) return skip('a small tmpfs cannot be mounted here: a full disk is not tested');
    await house.init();
    const pid = await house.up();
    await house.must([
      'worker',
      'start',
      'w',
      `#!script\nwhile [ ! -e ${house.base}/go ]; do sleep 0.05; done\ntouch ${house.base}/over\nexit 7\n`,
    ]);
    await until('a worker runs', () => house.text('workers/w/status.json').includes('running'));
    await house.settled();
    const [calls, playbook] = [house.calls(), house.text('PLAYBOOK.md')];
    fill();
    const before = names();

    const wrong: string[] = [];
    for (const verb of WRITERS) {
      const { code, stdout, stderr } = await house.tend(verb);
      const isFine = code === 3 && stdout === '' && /the disk is full/.test(stderr) && /try: df -h/.test(stderr);
      if (!isFine) wrong.push(`${verb.join(' ')}: ${code} ${stdout} ${stderr}`);
    }
    for (const verb of READERS) {
      const { code, stderr } = await house.tend(verb);
      if (code !== 0) wrong.push(`${verb.join(' ')}: ${code} ${stderr}`);
    }
    expect(wrong.join('\n')).toBe('');
    expect(names().filter((key) => !before.includes(key))).toEqual([]);
    expect(house.text('PLAYBOOK.md')).toBe(playbook);

    // A change of the world is seen, but nobody is called whose price could not be written down; the human can see why.
    house.write('goals/setup.md', '');
    await until('status says why', async () => /disk is full/.test(await house.must(['status'])));
    expect(house.calls()).toBe(calls);
    writeFileSync(join(house.base, 'go'), '');
    await until('the worker ends', () => existsSync(join(house.base, 'over')));
    expect(house.inhabitants()).toContain(pid);

    makeRoom();
    await until('the end of the worker is recorded', () =>
      house.text('workers/w/status.json').includes('"exit_code": 7'),
    );
    expect(await house.must(['answer', 'setup-1', 'there is room'])).toContain('setup-1');
    await until('the loop goes on', () => {
      house.write('goals/goad.md', `${Date.now()}\n`);
      return house.lastPrompt().includes('there is room');
    });
    expect((await house.pulse()).pid).toBe(pid);
    await until('no temp file is left', () => names().every((key) => !key.includes('.tmp-')));
  },
);

test.for(Object.entries(FILLS))(
  'no room for %s before the pulse starts: up says so and ends, and starts when there is room',
  async ([, fill], { skip }) => {
    if (!mount()) return skip('a small tmpfs cannot be mounted here: a full disk is not tested');
    await house.init();
    fill();
    const before = names();
    for (const verb of [['up'], ['up', '--foreground']]) {
      const { code, stderr, stdout } = await house.tend(verb);
      expect({ verb, code: [1, 3].includes(code ?? 0) }).toEqual({ verb, code: true });
      expect(stderr + stdout).toMatch(/disk is full/);
    }
    expect(house.inhabitants()).toEqual([]);
    expect(names().filter((key) => !before.includes(key) && !/^(pulse|locks|reports)/.test(key))).toEqual([]);
    makeRoom();
    await house.up();
    await house.settled();
  },
);
