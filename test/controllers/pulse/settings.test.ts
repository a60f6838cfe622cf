import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { settingsReader } from '../../../src/controllers/pulse/settings.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-settings-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a gate that is set unsafe is a problem that status shows, for as long as it is set', () => {
  const path = join(dir, 'config.json');
  const read = settingsReader({}, path);
  writeFileSync(path, '{"gate": {"unsafe": true}}');
  expect(read()).toMatchObject({
    problems: ['gate.unsafe is true: gate.allow also covers commands that tend refuses by itself'],
  });
  writeFileSync(path, '{"gate": {"unsafe": false}}');
  expect(read()).toMatchObject({ problems: [] });
});
