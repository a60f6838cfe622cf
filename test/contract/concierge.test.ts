/** `tend init --concierge`: the skill in the skill places of the agent CLIs that are here, and nobody's edits lost. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hash32 } from '../../src/lib/hash.js';
import { type Home, makeHome, runIn } from '../clients/cli/tend-process.js';
import { BIN } from './tend-process.js';

const SHIPPED = readFileSync(new URL('../../seeds/skills/concierge/SKILL.md', import.meta.url), 'utf8');
const PLACES: Readonly<Record<string, string>> = {
  claude: '.claude/skills/concierge/SKILL.md',
  codex: '.codex/skills/concierge/SKILL.md',
  opencode: '.config/opencode/skills/concierge/SKILL.md',
  pi: '.pi/agent/skills/concierge/SKILL.md',
};

let home: Home;
beforeEach(() => {
  home = makeHome();
  mkdirSync(join(home.dir, 'bin'));
});
afterEach(() => home.remove());

const have = (...programs: string[]): void => {
  for (const name of programs) {
    writeFileSync(join(home.dir, 'bin', name), '#!/bin/sh\n');
    chmodSync(join(home.dir, 'bin', name), 0o755);
  }
};
const init = async (...argv: string[]) => {
  const run = await runIn(home, [process.execPath, BIN, 'init', '--runner', 'embedded', '--yes', ...argv], '', {
    PATH: join(home.dir, 'bin'),
    XDG_CONFIG_HOME: '',
  });
  return {
    ...run,
    wrote:
      run.code === 0 && argv.includes('--json') ? (JSON.parse(run.stdout) as { concierge: string[] }).concierge : [],
  };
};
const placeOf = (agent: string): string => join(home.dir, PLACES[agent]!);
const textOf = (agent: string): string => readFileSync(placeOf(agent), 'utf8');
const copies = (agent: string): string[] => readdirSync(join(placeOf(agent), '..')).sort();

test('it is written for each agent CLI on PATH, only on request, and a repeat writes nothing', async () => {
  have('claude', 'codex', 'opencode', 'pi');
  expect((await init('--json')).wrote).toEqual([]);
  expect((await init('--json', '--concierge', 'no')).wrote).toEqual([]);
  expect(Object.keys(PLACES).some((agent) => existsSync(placeOf(agent)))).toBe(false);
  const run = await init('--json', '--concierge', 'yes');
  expect(run.wrote.sort()).toEqual(Object.keys(PLACES).map(placeOf).sort());
  for (const agent of Object.keys(PLACES)) {
    expect(textOf(agent)).toMatch(
      /^---\nname: concierge\ndescription: [\s\S]*\nmetadata:\n {2}tend-digest: [0-9a-f]{32}\n---\n/,
    );
    expect(textOf(agent).replace(/metadata:\n.*\n/, '')).toBe(SHIPPED);
  }
  expect((await init('--json', '--concierge', 'yes')).wrote).toEqual([]);
});

test('a CLI that is not here gets none; without any it is said', async () => {
  const none = await init('--concierge', 'yes');
  expect(none).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('none of claude, codex, opencode and pi is on PATH'),
  });
  have('codex');
  expect((await init('--json', '--concierge', 'yes')).wrote).toEqual([placeOf('codex')]);
  expect(existsSync(join(home.dir, '.claude'))).toBe(false);
});

test('a file that its user has edited stays as it is and is named; one of ours that is older is replaced, and kept', async () => {
  have('claude', 'codex', 'pi');
  await init('--concierge', 'yes');
  const edited = textOf('claude').replace('# Concierge', '# My concierge');
  writeFileSync(placeOf('claude'), edited);
  // As an earlier version of tend would have written it: another text with its own digest.
  const earlier = SHIPPED.replace('## Report', '## Tell');
  const older = earlier.replace(/\n---\n/, `\nmetadata:\n  tend-digest: ${hash32(earlier)}\n---\n`);
  writeFileSync(placeOf('codex'), older);
  writeFileSync(placeOf('pi'), 'My own skill of that name.\n');
  const run = await init('--json', '--concierge', 'yes');
  expect(run.wrote).toEqual([placeOf('codex')]);
  expect(run.stderr).toContain(placeOf('claude'));
  expect(run.stderr).toContain(placeOf('pi'));
  expect(run.stderr).toContain('move it away and run: tend init --concierge yes');
  expect(textOf('claude')).toBe(edited);
  expect(textOf('pi')).toBe('My own skill of that name.\n');
  expect(textOf('codex').replace(/metadata:\n.*\n/, '')).toBe(SHIPPED);
  expect(copies('codex')).toEqual(['SKILL.md', 'SKILL.md.before-tend']);
  expect(readFileSync(`${placeOf('codex')}.before-tend`, 'utf8')).toBe(older);
  expect(copies('claude')).toEqual(['SKILL.md']);
});

test('it is a skill by the format: a name that is its folder, a description of at most 1024 characters', () => {
  const head = /^---\n([\s\S]*?)\n---\n/.exec(SHIPPED)![1]!;
  const fields = new Map(head.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
  expect(fields.get('name')).toBe('concierge');
  expect(fields.get('description')?.length).toBeGreaterThan(100);
  expect(fields.get('description')?.length).toBeLessThanOrEqual(1024);
  expect(SHIPPED.split('\n').length).toBeLessThan(500);
});
