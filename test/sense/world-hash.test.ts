import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Fact } from '../../src/model/world.js';
import { recalledFacts, recallWorld } from '../../src/sense/recall-world.js';
import { type Policy, worldOf } from '../../src/sense/world-hash.js';
import { newHome } from './profile.js';

const policy = (playbook: string | undefined, goals: Record<string, string> = {}): Policy => ({
  playbook: playbook === undefined ? {} : { text: playbook },
  goals: Object.entries(goals).map(([id, text]) => ({ id, text })),
});
const world = (p: Policy, facts: Fact[] = []) => worldOf(p, facts, 0);
const sensor = (signal: Fact['signal'], more: Partial<Fact> = {}): Fact => ({ name: 'sensor-x', signal, ...more });

test('the hash of nothing is 32 hex digits, and the same each time', () => {
  expect(world(policy(undefined)).hash).toMatch(/^[0-9a-f]{32}$/);
  expect(world(policy(undefined)).hash).toBe(world(policy(undefined)).hash);
});

test.each<[string, Policy, Policy]>([
  ['an edited goal', policy('p', { a: '1' }), policy('p', { a: '2' })],
  ['a renamed goal', policy('p', { a: '1' }), policy('p', { b: '1' })],
  ['a new empty goal', policy('p'), policy('p', { a: '' })],
  ['an edited PLAYBOOK', policy('p'), policy('q')],
  ['an emptied and an absent PLAYBOOK', policy(''), policy(undefined)],
  ['text that moves between two goals', policy('p', { a: 'xy', b: 'z' }), policy('p', { a: 'x', b: 'yz' })],
  ['a PLAYBOOK that ends like the goal behind it', policy('p', { a: '1' }), policy('pgoal:a1')],
  ['a goal text that imitates the next part', policy('p', { a: '1', b: '2' }), policy('p', { a: '1goal:b2' })],
  ['a goal text that imitates the next frame', policy('p', { a: '1', b: '2' }), policy('p', { a: '16:1:goal:b2' })],
  ['an unreadable and an absent goal', policy('p'), { ...policy('p'), goals: [{ id: 'a', problem: 'EACCES' }] }],
  [
    'an unreadable goal and one that says so',
    policy('p', { a: '!unreadable' }),
    { ...policy('p'), goals: [{ id: 'a', problem: 'EIO' }] },
  ],
  [
    'an unreadable goal and a strange id',
    policy('p', { '!unreadable:goal:a': '' }),
    { ...policy('p'), goals: [{ id: 'a', problem: 'EIO' }] },
  ],
])('%s change the hash and the policy hash', (_what, a, b) => {
  expect(world(a).hash).not.toBe(world(b).hash);
  expect(world(a).policyHash).not.toBe(world(b).policyHash);
  expect(world(a).approvalHash).not.toBe(world(b).approvalHash);
});

test('why a goal cannot be read does not matter, nor the order in which goals were found', () => {
  const because = (problem: string): string => world({ playbook: {}, goals: [{ id: 'a', problem }] }).hash;
  expect(because('EACCES')).toBe(because('EIO'));
  const goals = policy('p', { a: '1', b: '2' });
  expect(world({ ...goals, goals: [...goals.goals].reverse() }).hash).toBe(world(goals).hash);
});

test('only signals wake: not a detail, not the order of keys; and types are told apart', () => {
  const p = policy('p');
  expect(world(p, [sensor(1, { detail: 1 })]).hash).toBe(world(p, [sensor(1, { detail: 2 })]).hash);
  expect(world(p, [sensor({ a: { c: 1, d: 2 }, b: 2 })]).hash).toBe(
    world(p, [sensor({ b: 2, a: { d: 2, c: 1 } })]).hash,
  );
  expect(world(p, [sensor(1)]).hash).not.toBe(world(p, [sensor('1')]).hash);
  expect(world(p, [sensor(null)]).hash).not.toBe(world(p).hash);
  expect(world(p, [sensor([1, 2])]).hash).not.toBe(world(p, [sensor([2, 1])]).hash);
});

test('an approval is bound to policy and sensors, not to what tend itself moves or what says that it may change', () => {
  const p = policy('p');
  const bound = (facts: Fact[]): string => world(p, facts).approvalHash;
  expect(bound([{ name: 'sys-asks', signal: 1 }])).toBe(bound([{ name: 'sys-asks', signal: 2 }]));
  expect(bound([sensor(1, { keepsApprovals: true })])).toBe(bound([sensor(2, { keepsApprovals: true })]));
  expect(bound([sensor(1)])).not.toBe(bound([sensor(2)]));
});

test('items name everything that the hash is made of', () => {
  const { items } = world({ playbook: { problem: 'EIO' }, goals: [{ id: 'a', text: '1' }] }, [sensor({ b: 1, a: 2 })]);
  expect(items).toEqual({
    playbook: '!unreadable',
    'goal:a': expect.stringMatching(/^[0-9a-f]{32}$/),
    'snap:sensor-x': '{"a":2,"b":1}',
  });
});

test('the world recomputed from the disk is the one that was sensed, failures, ignored fields and kept approvals included', async () => {
  const home = newHome();
  home.write('PLAYBOOK.md', 'be kind\n');
  home.write('goals/a.md', 'do it\n');
  mkdirSync(join(home.root, 'goals/dir.md'));
  home.sensor('day', '# tend:approvals=keep\necho 1');
  home.sensor('bad', 'exit 9');
  home.sensor('text', 'echo text');
  home.sensor('ignoring', '# tend:ignore=b\necho \'{"a":1,"b":2}\'');
  home.sensor('nox', 'echo', 0o644);
  const facts: Fact[] = [{ name: 'sys-fleet', signal: [{ id: 'w' }], detail: { idle_s: 3 } }];
  const { world: sensed } = await home.sense({ facts: async () => facts });
  const again = recallWorld(home.disk);
  expect(again.hash).toBe(sensed.hash);
  expect(again.goals).toEqual(sensed.goals.map((g) => g.id));
  const recalled = recalledFacts(home.disk);
  expect(worldOf(sensed, recalled, sensed.at).approvalHash).toBe(sensed.approvalHash);
  expect(recalled.filter((f) => f.failed).map((f) => f.name)).toEqual(['sensor-bad', 'sensor-nox', 'sensor-text']);
  expect(sensed.goals.map((g) => [g.id, g.text, g.problem !== undefined])).toEqual([
    ['a', 'do it\n', false],
    ['dir', undefined, true],
  ]);
});

test('editing a sensor script alone does not change the hash; deleting it does, and takes its item along', async () => {
  const home = newHome();
  home.sensor('x', 'echo 1');
  const first = await home.sense();
  home.sensor('x', '# a comment\necho 1');
  const edited = await home.sense();
  expect(edited.world.hash).toBe(first.world.hash);
  rmSync(join(home.root, 'sensors/x.sh'));
  const gone = await home.sense();
  expect(gone.world.hash).not.toBe(first.world.hash);
  expect(gone.world.items).toEqual({});
  expect(recallWorld(home.disk).hash).toBe(gone.world.hash);
});

test('a snapshot that somebody filled with garbage is a failed fact, not a crash and not absence', () => {
  const home = newHome();
  home.write('snapshots/sensor-x.json', '{nope');
  home.write('snapshots/sensor-deep.json', '['.repeat(200_000));
  home.write('snapshots/foreign.json', '1');
  const facts = recalledFacts(home.disk);
  expect(facts.map((f) => [f.name, f.signal])).toEqual([
    ['sensor-deep', { error: 'unreadable' }],
    ['sensor-x', { error: 'unreadable' }],
  ]);
});

test('recomputing writes nothing, not even directories', () => {
  const home = newHome();
  rmSync(home.root, { recursive: true });
  expect(recallWorld(home.disk).goals).toEqual([]);
  expect(home.disk.stat('').state).toBe('absent');
});

test('a goals directory that cannot be listed is an error, not a world without goals', () => {
  const home = newHome();
  const unreadable = { state: 'unreadable' as const, reason: 'EIO' };
  const disk = { ...home.disk, list: (dir: string) => (dir === 'goals' ? unreadable : home.disk.list(dir)) };
  expect(() => recallWorld(disk)).toThrow(/goals.*EIO/);
});
