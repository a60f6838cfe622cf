import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { violations } from './check.js';
import { ROOMS } from './layers.js';

const SRC = join(import.meta.dirname, '../../src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((p) => /\.tsx?$/.test(p))
  .map((p) => p.split(sep).join('/'));

test('every file obeys the import law', () => {
  expect(files.length, 'the walk found too little: the check is blind').toBeGreaterThanOrEqual(
    Object.keys(ROOMS).length,
  );
  expect(files.flatMap((p) => violations(p, readFileSync(join(SRC, p), 'utf8')))).toEqual([]);
});

test('the law is written bottom-up, so no cycle between rooms can be expressed', () => {
  const below = new Set<string>();
  for (const [room, allowed] of Object.entries(ROOMS)) {
    expect(
      allowed.filter((r) => !below.has(r)),
      room,
    ).toEqual([]);
    below.add(room);
  }
});

test.each([
  ['store/deep/asks.ts', "import {x} from '../../decide/wake.js';", 'may not import decide/'],
  ['controllers/fleet/plan.ts', "import type {\n  X,\n} from '../pulse/x.js';", 'meet through files'],
  ['policy/gate.ts', "import {readFile} from 'node:fs/promises';", 'belongs to store/'],
  ['clients/web/page.ts', "export * from '../../store/asks.js';", 'may not import store/'],
  [
    'contract/verbs/run.ts',
    "const m = await import('../../controllers/pulse/controller.js');",
    'may not import controllers/',
  ],
  ['model/types.ts', '', 'name it after its subject'],
  ['utils2/x.ts', '', 'unknown room'],
])('a planted violation is seen: %s', (path, text, message) => {
  expect(violations(path, text).join('\n')).toContain(message);
});
