/** A profile goes out whole and without secrets, and comes back. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withoutMoved } from '../../src/ops/export/choose.js';
import { makeProfile, type Profile } from '../contract/tend-process.js';

let at: Profile;
let base: string;
beforeEach(() => {
  at = makeProfile();
  base = dirname(at.root);
});
afterEach(() => at.remove());

const files = (dir: string): string[] =>
  (readdirSync(dir, { recursive: true }) as string[]).filter((key) => statSync(join(dir, key)).isFile()).sort();
const digests = (dir: string): Record<string, string> =>
  Object.fromEntries(
    files(dir).map((key) => [
      key,
      createHash('sha256')
        .update(readFileSync(join(dir, key)))
        .digest('hex'),
    ]),
  );
const write = (key: string, content: string | Buffer): void => {
  mkdirSync(dirname(join(at.root, key)), { recursive: true });
  writeFileSync(join(at.root, key), content);
};

/** A profile with something of everything, some of it secret, some of it not to be taken. */
async function furnish(): Promise<void> {
  await at.tend(['init', '--runner', 'embedded', '--yes']);
  await at.tend(['goal', 'write', 'docs', 'Docs are true. Token ghp_0123456789012345678901234567890123456789']);
  await at.tend(['goal', 'write', 'docs', 'Docs are true']);
  await at.tend(['goal', 'write', 'ruled', '---\nrules:\n  - when: "false"\n    move: { action: noop }\n---\nx']);
  await at.tend(['schedule', 'write', 'weekly', '--every', '7d']);
  await at.tend(['answer', 'setup-1', 'my garden']);
  write(
    'asks/gate-1.md',
    `---\nseal: "${'0'.repeat(64)}"\nformat: 1\nid: "gate-1"\nworker: "gate"\nkind: "approval"\nts: 1\n---\nx\n`,
  );
  write(
    'asks/web-1.md',
    '---\nformat: 1\nid: "web-1"\nworker: "web"\nkind: "question"\nurgency: "normal"\nts: 1\n---\nopen\n',
  );
  write('reports/picture.png', Buffer.from([0x89, 0x50, 0xff, 0xfe, 0]));
  write(
    `reports/a very long name of a report, longer than an old tar could hold, with ümlauts ${'x'.repeat(60)}.md`,
    'long\n',
  );
  write('runs/2026-11-20/beat-1/prompt.md', 'the prompt\n');
  write('spend-2026-11-20.ndjson', '\n{"format":1}\n{"torn":');
  write('pulse/seal.json', '{"format":1,"key":"KEYKEYKEY"}\n');
  write('locks/pulse/1.json', '{}\n');
  write('snapshots/sensor-a.json', '{}\n');
  write('service.env', 'ANTHROPIC_API_KEY=KEYKEYKEY\n');
  write('worktrees/w/file', 'x\n');
  write('.tmp-1-abc', 'half\n');
  const config = {
    runner: 'embedded',
    notify: { slack: { botToken: 'plainlookingsecret1', token_env: 'SLACK_TOKEN' } },
  };
  write('config.json', JSON.stringify(config));
  write('reports/note.md', 'I wrote plainlookingsecret1 here, and $MY_PASSWORD is hunter2hunter2.\n');
  writeFileSync(join(base, 'playbook.md'), '# kept in a repository\n');
  write('goals/linked.md', '');
  spawnSync('rm', [join(at.root, 'goals/linked.md')]);
  symlinkSync(join(base, 'playbook.md'), join(at.root, 'goals/linked.md'));
  symlinkSync('/etc/hostname', join(at.root, 'reports/link'));
}

test('an export has everything of the profile and nothing that is a key, a secret, or of this moment alone', async () => {
  await furnish();
  const before = digests(at.root);
  const dir = join(base, 'out');
  const ended = await at.tend(['export', dir, '--json'], { env: { MY_PASSWORD: 'hunter2hunter2' } });
  expect(ended.code).toBe(0);
  const report = JSON.parse(ended.stdout) as { files: number; left: { key: string }[] };
  const there = files(dir);
  expect(there.length).toBe(report.files + 1);
  expect(report.left.map(({ key }) => key)).toEqual(['reports/link']);
  for (const key of [
    'PLAYBOOK.md',
    'goals/docs.md',
    'goals/linked.md',
    'sensors/today.sh',
    'asks/web-1.md',
    'asks/setup-1.md',
    'answers/setup-1.md',
    'schedules/weekly.json',
    'journal.md',
    'reports/picture.png',
    'runs/2026-11-20/beat-1/prompt.md',
    'config.json',
    'format.json',
    'tend-export.json',
  ])
    expect(there).toContain(key);
  expect(there.filter((key) => /^(?:pulse|locks|snapshots|worktrees)\/|service\.env|\.tmp-/.test(key))).toEqual([]);
  const all = there.map((key) => readFileSync(join(dir, key), 'utf8')).join('\n');
  for (const secret of ['KEYKEYKEY', 'ghp_0123', 'plainlookingsecret1', 'hunter2hunter2'])
    expect(all).not.toContain(secret);
  expect(all).toContain('SLACK_TOKEN');
  expect(readFileSync(join(dir, 'goals/linked.md'), 'utf8')).toBe('# kept in a repository\n');
  expect(readFileSync(join(dir, 'reports/picture.png'))).toEqual(Buffer.from([0x89, 0x50, 0xff, 0xfe, 0]));
  // A row that is being written at this moment is not half in it.
  expect(readFileSync(join(dir, 'spend-2026-11-20.ndjson'), 'utf8')).toBe('\n{"format":1}\n');
  expect(statSync(join(dir, 'sensors/today.sh')).mode & 0o777).toBe(0o700);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(digests(at.root)).toEqual(before);

  expect((await at.tend(['export', dir])).stderr).toContain('something is there already');
  expect((await at.tend(['export', join(at.root, 'x')])).code).toBe(2);
  expect((await at.tend(['export', join(base, 'both.tar'), '--json'])).code).toBe(0);
  expect((await at.tend(['export', '-', '--json'])).code).toBe(2);

  mkdirSync(join(base, 'unpacked'));
  const pipe = spawnSync(
    'sh',
    [
      '-c',
      '"$0" "$@" | tar -xf - -C unpacked',
      process.execPath,
      process.env['TEND_TEST_BIN'] ?? new URL('../../dist/main.js', import.meta.url).pathname,
      'export',
      '-',
    ],
    {
      cwd: base,
      env: { ...at.env, MY_PASSWORD: 'hunter2hunter2' },
      encoding: 'utf8',
    },
  );
  expect(pipe).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining('reports/link') });
  const { 'tend-export.json': _a, ...unpacked } = digests(join(base, 'unpacked'));
  const { 'tend-export.json': _b, ...direct } = digests(dir);
  expect(unpacked).toEqual(direct);
  expect(
    spawnSync('tar', ['-tf', join(base, 'both.tar')], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
      .sort(),
  ).toEqual(expect.arrayContaining(['PLAYBOOK.md']));
}, 120_000);

test('it comes back into another profile once, asks for its programs, and leaves open approvals behind', async () => {
  await furnish();
  const dir = join(base, 'out');
  await at.tend(['export', dir]);
  const other = makeProfile();
  try {
    const refused = await other.tend(['import', 'tend', dir]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/goals\/ruled\.md.*sensors\/today\.sh/);
    expect(existsSync(other.root)).toBe(false);
    const report = await other.json<{
      items: { key: string; outcome: string }[];
      left: { from: string; reason: string }[];
    }>(['import', 'tend', dir, '--yes', '--json']);
    expect(new Set(report.items.map(({ outcome }) => outcome))).toEqual(new Set(['made']));
    expect(report.left.map(({ from }) => from).sort()).toEqual([
      'asks/gate-1.md',
      'config.json',
      expect.stringMatching(/^events-/),
      'format.json',
    ]);
    const again = await other.json<{ items: { outcome: string }[] }>(['import', 'tend', dir, '--yes', '--json']);
    expect(again.items.map(({ outcome }) => outcome)).toEqual(report.items.map(() => 'same'));
    expect((await other.json<{ id: string }[]>(['asks', '--json'])).map(({ id }) => id)).toEqual(['web-1']);
    expect((await other.tend(['history', 'goals/docs.md'])).stdout).not.toBe('');
    expect((await other.tend(['doctor', '--json'])).stdout).not.toContain('"level": "fail",\n          "what": "ask');
    writeFileSync(join(dir, 'tend-export.json'), '{"kind":"tend-export","format":99}');
    expect((await other.tend(['import', 'tend', dir])).stderr).toContain('a newer tend made it');
  } finally {
    other.remove();
  }
}, 120_000);

test('timed loops and workflows are in an export by what they are, and an import says how to make them anew', async () => {
  await at.tend(['init', '--runner', 'embedded', '--yes']);
  const loop = await at.json<{ id: string }>([
    'loops',
    'create',
    'command',
    'x',
    '--cmd',
    'MY_TOKEN=abcdefgh12345678 true',
    '--dynamic',
    '-j',
  ]);
  const step = { id: 'a', target: { type: 'command', command: 'true' } };
  writeFileSync(join(base, 'w.json'), JSON.stringify({ name: 'w', steps: [step] }));
  const workflow = await at.json<{ id: string }>(['workflows', 'create', join(base, 'w.json'), '-j']);
  const dir = join(base, 'out');
  expect((await at.tend(['export', dir])).code).toBe(0);
  const spec = `schedules/${loop.id}/spec.json`;
  expect(files(dir).filter((key) => key.startsWith('schedules/'))).toEqual([spec]);
  expect(JSON.parse(readFileSync(join(dir, spec), 'utf8'))).toMatchObject({ id: loop.id, name: 'x' });
  const other = makeProfile();
  try {
    const { left } = await other.json<{ left: { from: string; reason: string }[] }>([
      'import',
      'tend',
      dir,
      '--yes',
      '--json',
    ]);
    const reasons = Object.fromEntries(left.map(({ from, reason }) => [from, reason]));
    expect(reasons[spec]).toContain('tend loops create');
    expect(reasons[`workflows/${workflow.id}.json`]).toContain('tend workflows create');
    expect(await other.json(['loops', 'list', '-j'])).toEqual([]);
    const again = await other.tend(['workflows', 'create', join(dir, `workflows/${workflow.id}.json`)]);
    expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^created workflow .* \(w\) steps=1\n$/)]);
  } finally {
    other.remove();
  }
}, 120_000);

test('what was moved to the archive while it was read is taken once, from the archive', () => {
  expect(
    withoutMoved([
      'asks/a-1.md',
      'answers/a-1.md',
      'asks/archive/a-1.md',
      'answers/archive/a-1.md',
      'asks/b-1.md',
      'goals/x.md',
      'goals/archive/x.md',
    ]),
  ).toEqual(['asks/archive/a-1.md', 'answers/archive/a-1.md', 'asks/b-1.md', 'goals/x.md', 'goals/archive/x.md']);
});
