import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BIN, type House, openHouse, until } from '../e2e/house.js';

// What strangers write must not speak to the terminal in tend's name, and what is shown is what runs.
let house: House;
beforeEach(async () => {
  house = openHouse();
  await house.init();
});
afterEach(() => house.close());

/** What a person's terminal gets: the verb run on a real pty. */
const onTerminal = (words: string): string =>
  execFileSync('script', ['-qec', `'${process.execPath}' '${BIN}' ${words}`, '/dev/null'], {
    env: { ...house.env, NO_COLOR: '1' },
    encoding: 'utf8',
  });
const HARM = /[\u001b\u0007\u009b\u202e]/;
const EVIL = '\u001b[2J\u001b]52;c;AAA\u0007\u009b31m\u202e';

test('no file name and no text of a worker reaches the terminal as a control sequence', () => {
  house.write(
    'asks/web-1.md',
    `---\nformat: 1\nid: web-1\nworker: "w\\e[2J"\nkind: question\nts: 1\nreference: "\\e[8m"\noptions: ["\\e[8m"]\n---\nhi ${EVIL}\n`,
  );
  house.write('journal.md', `\n- 2026-11-21 09:00 ${EVIL}\n`);
  house.write('goals/g.md', `# ${EVIL}\n`);
  for (const name of [`asks/q${EVIL}-1.md`, `goals/z${EVIL}.md`, `sensors/x${EVIL}.sh`]) house.write(name, 'x');
  mkdirSync(join(house.root, `workers/w${EVIL}`), { recursive: true });
  const verbs = ['asks', 'ask show web-1', 'journal', 'goal show g', 'goal list', 'sensor list', 'state', 'status'];
  for (const verb of [...verbs, 'worker list --all']) expect(onTerminal(verb), verb).not.toMatch(HARM);
  expect(onTerminal('goal show g')).toContain('␛[2J');
  expect(onTerminal('asks')).toContain('⚑ web-1 (web): hi ␛[2J');
});

test('to a pipe a goal goes byte for byte', async () => {
  house.write('goals/g.md', `# ${EVIL}\n`);
  expect(await house.must(['goal', 'show', 'g'])).toBe(`# ${EVIL}\n`);
});

test('characters that cannot be seen in a command are named wherever the human reads it, and its reason cannot add lines', async () => {
  const cmd = 'touch reports/a\u200bb\u00a0#\u202e';
  house.next({ action: 'run_shell', cmd, reason: 'fine.\n\nAsked because: it is harmless.' });
  await house.up();
  await until('the gate asks', async () => (await house.asks()).some((ask) => ask.id === 'gate-1'));
  const shown = await house.must(['ask', 'show', 'gate-1']);
  expect(shown.match(/touch reports\/a<U\+200B>b<U\+00A0>#<U\+202E>/g)).toHaveLength(2);
  expect(shown).toContain('characters that cannot be seen');
  expect(shown).toContain('Why it is wanted: fine. Asked because: it is harmless.\n');
});
