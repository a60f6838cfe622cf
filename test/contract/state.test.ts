import { afterEach, beforeEach, expect, test } from 'vitest';
import { raiseAsk } from '../../src/store/asks.js';
import { appendJournal } from '../../src/store/journal.js';
import { makeProfile, type Profile } from './tend-process.js';

let p: Profile;
beforeEach(() => {
  p = makeProfile();
});
afterEach(() => p.remove());

const raise = (prompt: string) =>
  raiseAsk(p.disk, { worker: 'web', prompt, kind: 'question', urgency: 'normal', reference: 'r.md' }, Date.now());

test('the JSON document has exactly the documented keys and types', async () => {
  raise('Deploy?');
  p.disk.publish('goals/b.md', 'goal b');
  p.disk.publish('goals/a.md', 'goal a');
  p.disk.publish('snapshots/sensor-ci.json', '{"signal":{"main":"red"},"detail":{"run":1}}');
  p.disk.publish('snapshots/sensor-bad.json', 'no json');
  for (let n = 0; n < 25; n++) appendJournal(p.disk, Date.now(), `line ${n}`, 0);
  const state = await p.json<Record<string, unknown>>(['_', 'state', '--json']);
  expect(state).toEqual({
    world_hash: expect.stringMatching(/^[0-9a-f]{32}$/),
    pulse_alive: false,
    snapshots: { 'sensor-ci': { signal: { main: 'red' }, detail: { run: 1 } } },
    asks: [
      {
        id: 'web-1',
        worker: 'web',
        prompt: 'Deploy?',
        reference: 'r.md',
        ts: expect.any(Number),
        kind: 'question',
        urgency: 'normal',
      },
    ],
    workers: [],
    goals: ['a', 'b'],
    journal_tail: expect.any(Array),
    data_dir: p.root,
    cursor: expect.stringMatching(/^[\w-]+$/),
  });
  expect(state['journal_tail']).toHaveLength(20);
  expect((state['journal_tail'] as string[])[19]).toMatch(/line 24$/);
});

test('the hash follows policy and signals, never details', async () => {
  const hash = async () => (await p.json<{ world_hash: string }>(['state', '--json'])).world_hash;
  p.disk.publish('snapshots/sensor-ci.json', '{"signal":1,"detail":1}');
  const first = await hash();
  p.disk.replace('snapshots/sensor-ci.json', '{"signal":1,"detail":2}');
  expect(await hash()).toBe(first);
  p.disk.replace('snapshots/sensor-ci.json', '{"signal":2,"detail":2}');
  const second = await hash();
  expect(second).not.toBe(first);
  p.disk.publish('goals/a.md', 'x');
  expect(await hash()).not.toBe(second);
});

test('a missing data dir is said, shown empty, and not created', async () => {
  const end = await p.tend(['state']);
  expect(end).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('pulse: DOWN'),
    stderr: expect.stringContaining('tend init'),
  });
  await p.tend(['asks']);
  await p.tend(['wait', '--timeout', '0']);
  expect(p.disk.stat('').state).toBe('absent');
});

test('the text shows one line per thing, clipped, without control characters', async () => {
  raise(`First line \u001b[31m${'x'.repeat(200)}\nsecond line`);
  p.disk.publish('snapshots/sensor-ci.json', '{"signal":{"main":"red"},"detail":{"run":1}}');
  p.disk.makeDir('snapshots');
  for (let n = 0; n < 5; n++) appendJournal(p.disk, Date.now(), `line ${n}`, 0);
  const { stdout } = await p.tend(['state']);
  const lines = stdout.split('\n');
  expect(lines[0]).toBe('pulse: DOWN  ·  asks: 1  ·  workers: 0 live / 0  ·  goals: 0');
  expect(lines[1]).toMatch(/^ {2}⚠ .*tend up/);
  expect(lines[2]).toMatch(/^ {2}⚑ web-1 \(web · just now\): First line ␛\[31mx+…$/);
  expect(lines.slice(3)).toEqual([
    '      ref: r.md',
    'sensors:',
    '  sensor-ci: {"main":"red"}',
    'journal (latest):',
    expect.stringMatching(/line 2$/),
    expect.stringMatching(/line 3$/),
    expect.stringMatching(/line 4$/),
    '',
  ]);
});

test('reading writes nothing', async () => {
  raise('q');
  const before = JSON.stringify([p.disk.list(''), p.disk.list('asks'), p.disk.stat('asks')]);
  for (const verb of ['state', 'asks', 'wait']) await p.tend([verb, '--json']);
  expect(JSON.stringify([p.disk.list(''), p.disk.list('asks'), p.disk.stat('asks')])).toBe(before);
});
