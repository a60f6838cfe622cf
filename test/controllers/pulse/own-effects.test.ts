import { expect, test } from 'vitest';
import { withOwnEffects } from '../../../src/controllers/pulse/own-effects.js';
import type { Json } from '../../../src/lib/json.js';
import { worldOf } from '../../../src/sense/world-hash.js';

const world = (asks: Json) =>
  worldOf(
    { playbook: { text: 'p' }, goals: [{ id: 'g', text: 'x' }] },
    [
      { name: 'sys-asks', signal: asks },
      { name: 'sensor-a', signal: 1 },
    ],
    0,
  );

test('the ask that a beat raised and the answers it consumed are in the world that it commits', () => {
  const before = world({ pending: ['web-1'], answered: ['pulse-1', 'pulse-2'] });
  const after = world({ pending: ['gate-1', 'web-1'], answered: ['pulse-2'] });
  expect(withOwnEffects(before, { asked: 'gate-1', consumed: ['pulse-1'] }).hash).toBe(after.hash);
});

test('what others did meanwhile is not in it, so it still wakes', () => {
  const committed = withOwnEffects(world({ pending: [], answered: [] }), { asked: 'gate-1', consumed: [] });
  expect(committed.hash).not.toBe(world({ pending: ['gate-1', 'web-1'], answered: [] }).hash);
});

test('a mailbox that could not be read stays as it was sensed', () => {
  const broken = world({ error: true });
  expect(withOwnEffects(world('odd'), { asked: 'gate-1', consumed: [] }).hash).toBe(world('odd').hash);
  expect(withOwnEffects(broken, { consumed: [] })).toBe(broken);
});
