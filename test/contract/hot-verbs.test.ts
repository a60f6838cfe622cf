/** The verbs that scripts call all day are programs of their own in a build: small, and whole in every rare case. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BIN, makeProfile, type Profile } from './tend-process.js';

let at: Profile;
beforeEach(() => {
  at = makeProfile();
});
afterEach(() => at.remove());

const ASK = 'worker: web\nts: 1795252903\n';

test('the program of `asks` has no library in it, and loads nothing of Node that is slow to load', () => {
  const program = readFileSync(join(dirname(BIN), 'hot/asks.js'), 'utf8');
  expect(program).toContain('readMailbox');
  // The bundler names every module that it puts in.
  expect(program.match(/^\/\/ src\/\S+$/gm)?.length).toBeGreaterThan(20);
  expect(program.match(/^\/\/ \S*node_modules\/.*$/gm)).toBeNull();
  expect(program.match(/require\("node:(crypto|net|child_process|os|tty|stream)"\)/g)).toBeNull();
});

test('an ask that a human wrote as YAML, without a kind, is listed like any other', async () => {
  at.disk.publish(
    'asks/web-1.md',
    `---\nformat: 1\nid: web-1\n${ASK}# a note\noptions:\n  - yes\n  - no\n---\nMay I?\n`,
  );
  at.disk.publish('asks/web-2.md', '---\nformat: 1\nid: "web-2"\nworker: "web"\nts: 1795252904\n---\nAnd this?\n');
  expect(await at.json(['_', 'asks', '--json'])).toMatchObject([
    { id: 'web-1', kind: 'question', options: ['yes', 'no'] },
    { id: 'web-2', kind: 'question', urgency: 'normal' },
  ]);
});

test('an ask that is no record is reported by its field', async () => {
  at.disk.publish('asks/web-1.md', '---\nformat: 1\nid: "web-1"\nworker: 7\nts: 1795252903\n---\nMay I?\n');
  const { code, stdout, stderr } = await at.tend(['asks', '--json']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '[]\n' });
  expect(stderr).toContain('worker: expected string');
});

test.each([
  ...['answer', 'ask', 'ask close', 'asks', 'claim', 'down', 'runs', 'send'],
  ...['state', 'status', 'told', 'unclaim', 'wait'],
])('%s has its help and its input errors', async (words) => {
  const verb = words.split(' ');
  for (const flag of ['--help', '-h']) {
    const { code, stdout } = await at.tend([...verb, flag]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`tend ${words}`) });
  }
  const { code, stderr } = await at.tend(['_', ...verb, '--zzz=1', '-q']);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/has no flag "(--zzz|-q)"[\s\S]*try: tend/),
  });
});
