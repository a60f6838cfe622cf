/**
 * `npm run test:agents [-- WORDS FOR VITEST]`: installs the real CLIs, then runs the tests in a network that has nothing but
 * loopback, with an environment that holds no key and no setting of whoever runs them. `--few` runs one beat per CLI (for `npm cit`,
 * which has ten minutes for everything).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { AGENTS, INSTALL_MS, installAgent } from './install.mjs';

/** `npm cit` cannot wait for a slow registry: all four take half a minute over a good line. */
const FEW_INSTALL_MS = 60_000;

const say = (line) => process.stdout.write(`${line}\n`);
const root = new URL('../..', import.meta.url).pathname;
const given = process.argv.slice(2);
const few = given.includes('--few');
const words = given.filter((word) => word !== '--few');

if (!existsSync(`${root}dist/main.js`)) {
  say('test:agents: there is no dist/main.js; build it first: npm run build');
  process.exit(1);
}

const bins = {};
// The few need no inspector.
const wanted = Object.keys(AGENTS).filter((name) => !few || name !== 'inspector');
const installs = wanted.map((name) => installAgent(name, few ? FEW_INSTALL_MS : INSTALL_MS));
for (const found of await Promise.all(installs)) {
  if (found.bin) bins[found.name] = found.bin;
  else say(`\n!!!!!! ${found.name} IS NOT HERE, ITS TESTS ARE SKIPPED: ${found.problem}\n`);
}

// `-r` lets a user who is not root make one too, where the kernel allows that.
const fences = [
  ['unshare', '-n'],
  ['unshare', '-rn'],
].filter((words) => spawnSync(words[0], [...words.slice(1), 'ip', 'link', 'set', 'lo', 'up']).status === 0);
const fence = fences[0];
if (!fence)
  say('\n!!!!!! NO NETWORK OF ITS OWN can be made here (unshare -n): the CLIs could reach the world in this run\n');

const env = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  LANG: 'C.UTF-8',
  TMPDIR: tmpdir(),
  TEND_AGENT_BINS: JSON.stringify(bins),
  ...(fence ? { TEND_AGENT_FENCED: '1' } : {}),
  ...(process.env.AGENT ? { AGENT: process.env.AGENT } : {}),
  ...(process.env.TEND_TEST_BIN ? { TEND_TEST_BIN: process.env.TEND_TEST_BIN } : {}),
};
const vitest = [`${root}node_modules/vitest/vitest.mjs`, 'run', '--config', `${root}test/agents/vitest.config.ts`];
const chosen = few ? [...words, 'test/agents/beats', '-t', 'one beat'] : words;
const run = [process.execPath, ...vitest, ...chosen];
const line = fence ? [...fence, 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh', ...run] : run;
process.exit(spawnSync(line[0], line.slice(1), { stdio: 'inherit', cwd: root, env }).status ?? 1);
