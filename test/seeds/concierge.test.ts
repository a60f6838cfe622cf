/** Every command that the concierge skill tells an agent to type is a line that the parser takes, and a verb that its human may use. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pickVerb } from '../../src/clients/cli/pick.js';
import { HUMAN_TOOLS } from '../../src/clients/mcp/tools.js';
import { VERBS } from '../../src/verbs.js';
import { parseLine } from '../clients/cli/parse-line.js';

const SKILL = readFileSync(new URL('../../seeds/skills/concierge/SKILL.md', import.meta.url), 'utf8');
const blocks = [...SKILL.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block]) => block!.trim().split('\n'));
/** Commands within sentences; what stands for a name in them is a name here. */
const inline = [...SKILL.replace(/```[\s\S]*?```/g, '').matchAll(/`(tend [^`]+)`/g)].map(([, line]) => line!);

/** The words of the command up to a redirection, as bash splits them. */
function words(line: string): string[] {
  const { stdout } = spawnSync('bash', ['-c', `cursor=abc; set -f; printf '%s\\0' ${line.split(/ [<>|]/)[0]}`], {
    encoding: 'utf8',
  });
  return stdout.split('\0').slice(0, -1);
}

test('there are commands, and each line of a block is one', () => {
  expect(blocks.length).toBeGreaterThan(20);
  expect(blocks.filter((line) => !line.startsWith('tend '))).toEqual([]);
  expect(inline.length).toBeGreaterThan(4);
});

test.each(blocks)('%s', async (line) => {
  const picked = pickVerb(VERBS, words(line).slice(1));
  expect(picked.kind).toBe('verb');
  if (picked.kind !== 'verb') return;
  const { verb } = await VERBS[picked.key]!();
  parseLine(verb, picked.rest);
  // What it may do by command it may do by tool.
  expect(Object.keys(HUMAN_TOOLS)).toContain(picked.key);
});

test.each(inline)('%s, in a sentence', async (line) => {
  const picked = pickVerb(VERBS, words(line).slice(1));
  expect(picked.kind).not.toBe('unknown');
  if (picked.kind === 'verb' && picked.rest.length > 0) parseLine((await VERBS[picked.key]!()).verb, picked.rest);
});
