/** What every verb's file must keep, and that all texts made from the registry tell the truth, in both directions. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { completionTables } from '../../../src/clients/cli/completion/tables.js';
import { valueProblem } from '../../../src/clients/cli/flag-values.js';
import { helpText, summaryText, verbHelp } from '../../../src/clients/cli/help.js';
import { manPage } from '../../../src/clients/cli/man.js';
import { visibleVerbs } from '../../../src/clients/cli/manual.js';
import { RECIPES } from '../../../src/clients/cli/manual-text.js';
import { withOwnVerbs } from '../../../src/clients/cli/own-verbs.js';
import { pickVerb } from '../../../src/clients/cli/pick.js';
import { knobTable, replaceBetween, verbReference, verbTable } from '../../../src/clients/cli/reference.js';
import { flagsOf } from '../../../src/clients/cli/usage.js';
import type { Verb } from '../../../src/contract/verb.js';
import { VERBS } from '../../../src/verbs.js';
import { parseLine } from './parse-line.js';

const ROOT = join(import.meta.dirname, '../../..');
const style = { width: 100, colour: false };
const paths = () => ({ dataDir: '/d', configPath: '/c' });
const all = withOwnVerbs({ registry: VERBS, version: '0.0.0', style, paths });
let verbs: Verb[];
beforeAll(async () => {
  verbs = await visibleVerbs(all);
});

test('each verb is registered under its own words', async () => {
  for (const [key, load] of Object.entries(VERBS)) expect((await load()).verb.path.join(' ')).toBe(key);
});

test('each verb is declared so that help, parser and completion can be made from it', () => {
  for (const verb of verbs) {
    const name = verb.path.join(' ');
    expect(verb.about, name).toMatch(/^[A-Z][^\n]*[^.\n]$/);
    const flags = Object.entries(verb.flags ?? {});
    for (const [flag, about] of flags) {
      expect(flag, name).toMatch(/^[a-z][a-z0-9-]+$/);
      expect(flag, name).not.toBe('help');
      if (about.alias !== undefined) expect(about.alias, name).toMatch(/^[A-Za-gi-z]$/);
      if (about.default !== undefined) expect(valueProblem(about, about.default), `${name} --${flag}`).toBeUndefined();
    }
    const aliases = flags.flatMap(([, flag]) => flag.alias ?? []);
    expect(new Set(aliases).size, name).toBe(aliases.length);
    const required = (verb.args ?? []).map((at) => at.required);
    expect([...required].sort().reverse(), `${name}: a required word behind an optional one`).toEqual(required);
  }
});

test('each example and recipe is a line that the parser takes', async () => {
  const lines = [...RECIPES.flatMap((recipe) => recipe.lines), ...verbs.flatMap((verb) => verb.examples ?? [])];
  for (const { line } of lines) {
    const words = shellWords(line);
    const at = words.indexOf('tend');
    if (at === -1) continue;
    const picked = pickVerb(
      all,
      words.slice(at + 1).filter((word, index) => index > 0 || word !== '_'),
    );
    expect(picked.kind, line).toBe('verb');
    if (picked.kind === 'verb') parseLine((await all[picked.key]!()).verb, picked.rest);
  }
});

/** The words of the first command of a shell line, up to a pipe or a redirection, as bash splits them. */
function shellWords(line: string): string[] {
  const command = line.slice(Math.max(0, line.search(/\btend /))).split(/ [|<>&;]|\)$/)[0]!;
  const { stdout } = spawnSync('bash', ['-c', `set -f; printf '%s\\0' ${command}`], { encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

const flagsIn = (text: string): string[] => [...new Set(text.match(/(?<![\w-])--[a-z][a-z0-9-]+/g) ?? [])].sort();

test("a verb's help shows its flags and exit codes, all and only", () => {
  for (const verb of verbs) {
    const help = verbHelp(verb, style);
    const rows = /\nFlags\n([\s\S]*?)(?:\n\n|$)/.exec(help)![1]!;
    const shown = [...rows.matchAll(/^ {2}(?:-\w, )?(--[a-z0-9-]+)/gm)].map((match) => match[1]);
    expect(shown.sort(), verb.path.join(' ')).toEqual(
      flagsOf(verb)
        .map(([name]) => `--${name}`)
        .sort(),
    );
    for (const code of Object.keys(verb.exits ?? {})) expect(help).toMatch(new RegExp(`^ {2}${code} `, 'm'));
    for (const line of help.split('\n')) if (!line.includes('tend ')) expect(line.length).toBeLessThanOrEqual(100);
  }
});

test('the manual shows every verb with every flag, and no verb or flag that does not exist', async () => {
  const manual = await helpText(all, [], { style, paths });
  const flat = manual.replace(/\s+/g, ' ');
  for (const verb of verbs) {
    expect(flat).toContain(`tend ${verb.path.join(' ')}`);
    for (const [name] of flagsOf(verb)) expect(flagsIn(manual), verb.path.join(' ')).toContain(`--${name}`);
  }
  const known = new Set(verbs.flatMap((verb) => flagsOf(verb).map(([name]) => `--${name}`)));
  expect(flagsIn(manual).filter((flag) => !known.has(flag))).toEqual([]);
  expect(unknownVerbs(manual)).toEqual([]);
  expect(manual).not.toContain('__');
  expect(await summaryText(all, style)).not.toContain('__');
});

/** Every line to type (`tend word` at the start of a row or in quotes) whose word is neither a verb nor the start of one. */
const unknownVerbs = (text: string): string[] =>
  [...text.matchAll(/(?:^ *|["'`(])tend (?:_ )?([a-z][a-z-]*(?: [a-z]+)?)/gm)]
    .map((match) => match[1]!)
    .filter((words) => pickVerb(all, words.split(' ')).kind === 'unknown');

test('hints and messages of the sources name only verbs that exist', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((p) =>
    /\.tsx?$/.test(p),
  );
  expect(sources.length).toBeGreaterThan(50);
  const found = sources.flatMap((path) => {
    const text = readFileSync(join(ROOT, 'src', path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    // A whole string that begins with "tend " is a line to type; so is one in quotes within a message.
    const lines = [...text.matchAll(/(?:(?<=['`"(])|(?<=run ))tend (?:_ )?[a-z][^'"`$,;:)]*/g)].map(
      (match) => match[0],
    );
    return lines.flatMap((line) => unknownVerbs(line).map((words) => `${path}: tend ${words}`));
  });
  expect(found).toEqual([]);
});

test('completion offers every visible verb and flag, and nothing hidden', () => {
  const tables = completionTables(verbs);
  for (const verb of verbs) {
    for (const [depth, word] of verb.path.entries())
      expect(tables.next.get(verb.path.slice(0, depth).join(' '))?.map(([next]) => next)).toContain(word);
    const offered = tables.flags.get(verb.path.join(' '))!.map(([flag]) => flag);
    expect(offered.filter((flag) => flag.startsWith('--'))).toEqual(flagsOf(verb).map(([name]) => `--${name}`));
  }
  expect([...tables.flags.keys()].sort()).toEqual(verbs.map((verb) => verb.path.join(' ')).sort());
});

const hasGroff = spawnSync('groff', ['--version']).status === 0;
if (!hasGroff) console.warn('SKIPPED: no groff on this machine, the manual page is not checked');
test.skipIf(!hasGroff)('the manual page is roff without a warning, and shows every verb and flag', () => {
  const page = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-cbou', '-rLL=100n'], {
    input: manPage(verbs, '0.0.0'),
    encoding: 'utf8',
  });
  expect(page.stderr).toBe('');
  const flat = page.stdout.replace(/\s+/g, ' ');
  for (const verb of verbs) {
    expect(flat).toContain(`tend ${verb.path.join(' ')}`);
    for (const [name] of flagsOf(verb)) expect(flat).toContain(`--${name}`);
  }
});

const CONTRACT_README = join(ROOT, 'src/contract/README.md');
const README = join(ROOT, 'README.md');
const sync = (path: string, parts: Record<string, string>): void => {
  const before = readFileSync(path, 'utf8');
  const after = Object.entries(parts).reduce((text, [name, content]) => replaceBetween(text, name, content), before);
  if (process.env['UPDATE']) writeFileSync(path, after);
  else
    expect(
      before,
      `${path} is out of date: UPDATE=1 npx vitest run --config test/vitest.config.ts test/clients/cli`,
    ).toBe(after);
};

test('the reference of the contract says what the registry says', () => {
  sync(CONTRACT_README, { verbs: verbReference(verbs) });
});

if (!existsSync(README)) console.warn('SKIPPED: there is no README.md yet');
test.skipIf(!existsSync(README))('README shows the verbs of the registry and the knobs of the model', () => {
  sync(README, { verbs: verbTable(verbs), knobs: knobTable() });
});
