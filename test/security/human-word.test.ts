import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../src/model/limits.js';
import { type House, openHouse, until } from '../e2e/house.js';

// Whose word counts, and that what was said to the human is true.
let house: House;
beforeEach(async () => {
  house = openHouse();
  await house.init();
});
afterEach(() => house.close());

/** What a worker prints when it runs this script; it ends by itself. */
async function worker(script: string): Promise<string> {
  writeFileSync(join(house.base, 'fake', 'said'), '');
  house.next({
    action: 'start_worker',
    id: 'web',
    prompt: `Work.\n#!script\n(${script}) >"$FAKE/said" 2>&1; echo end >>"$FAKE/said"`,
  });
  await house.up();
  return until('the worker has ended', () => {
    const said = house.text('../fake/said');
    return said.endsWith('end\n') && said;
  });
}

const tend = (words: string) => `env -u TEND_SESSION_ID -u TEND_GENERATION "$TEND_BIN" ${words}`;

test('a worker that drops its variables cannot ask as another, nor take its messages or its leases', async () => {
  const lines = ['ask api --prompt x --timeout 0', 'told api', 'claim port --session api', 'answer setup-1 yes'];
  const said = await worker(lines.map((line) => `${tend(line)}; echo "code $?"`).join('\n'));
  expect(said.match(/^code \d+$/gm)).toEqual(['code 1', 'code 1', 'code 1', 'code 1']);
  expect(said.match(/this is the session of "web"|in session "web"/g)).toHaveLength(4);
  expect((await house.asks()).map((ask) => ask.id)).toEqual(['setup-1']);
});

test('a no that comes while the approved command runs is refused, not acknowledged', async () => {
  house.next({ action: 'run_shell', cmd: 'touch reports/begun; sleep 4' });
  await house.up();
  await until('the gate asks', async () => (await house.asks()).some((ask) => ask.id === 'gate-1'));
  await house.must(['answer', 'gate-1', 'yes']);
  await until('it runs', () => existsSync(join(house.root, 'reports/begun')));
  const { code, stderr } = await house.tend(['answer', 'gate-1', '--force', 'no']);
  expect(code).toBe(1);
  expect(stderr).toContain('was acted on');
});

test('an asker in a loop is stopped before it buries the mailbox; others still ask', async () => {
  mkdirSync(join(house.root, 'asks'), { recursive: true });
  const ask = (n: number) => `---\nformat: 1\nid: web-${n}\nworker: web\nts: 1\n---\n${n}?\n`;
  for (let n = 1; n <= LIMITS.asksPerAsker; n++) house.write(`asks/web-${n}.md`, ask(n));
  const one = (worker: string) => house.tend(['ask', worker, '--prompt', 'One more?', '--timeout', '0']);
  expect(await one('web')).toMatchObject({ code: 1, stderr: expect.stringContaining('100 at most') });
  expect(await one('web-b')).toMatchObject({ code: 124 });
  await house.must(['answer', 'web-1', 'yes']);
  expect(await one('web')).toMatchObject({ code: 124 });
});

test('a file with an absurd number does not keep the gate from asking', async () => {
  house.write('asks/gate-999999999.md', 'garbage');
  house.next({ action: 'run_shell', cmd: 'touch reports/x' });
  await house.up();
  await until('the gate asks', async () => (await house.asks()).some((ask) => ask.id === 'gate-1'));
});
