import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type House, openHouse, until } from '../e2e/house.js';

// What people do by mistake is said to them, and stays said until they have mended it.
let house: House;
beforeEach(async () => {
  house = openHouse();
  await house.init();
});
afterEach(() => house.close());

const problems = async () => (await house.json<{ problems: string[] }>(['status', '--json'])).problems;

test('a goal whose rules cannot be read is named by every status until it is mended, and once in the log', async () => {
  await house.up();
  await house.settled();
  house.write('goals/bad.md', '---\nrules: [\n---\nx\n');
  const named = () => problems().then((all) => all.some((one) => one.includes('goal "bad"')));
  await until('it is named', named);
  await house.settled();
  // Two beats of an unchanged world later, at the interval of a second.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await named()).toBe(true);
  expect(house.text('pulse/pulse.log').match(/goal \\?"bad/g)).toHaveLength(1);
  house.write('goals/bad.md', '---\nrules: []\n---\nx\n');
  await until('it is forgotten', async () => !(await named()));
});

test('a data dir in which everybody may write is not tended: its sensors would run as us', async () => {
  chmodSync(house.root, 0o777);
  // Another thing in it keeps tend from closing a directory that may be shared on purpose.
  for (const key of ['PLAYBOOK.md', 'asks', 'answers', 'locks', 'runs'])
    rmSync(join(house.root, key), { recursive: true, force: true });
  const { code, stderr } = await house.tend(['up']);
  expect(code).toBe(1);
  expect(stderr).toContain('everybody may write in it');
  expect((await house.pulse()).alive).toBe(false);
});
