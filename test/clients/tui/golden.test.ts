/** One recorded run of each screen, as its person sees it. `UPDATE=1` rewrites `test/golden/client`; a review reads the diff. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeProfile, type Profile } from '../../contract/tend-process.js';
import { approval, raise } from './mailbox.js';
import { type Person, sitDown } from './person.js';

const GOLDEN = join(import.meta.dirname, '../../golden/client');
let at: Profile;
let person: Person;
beforeEach(() => {
  at = makeProfile();
});
afterEach(() => {
  person?.close();
  at.remove();
});

const seen = (): string => `${person.screen().replace(/ +$/gm, '')}\n`;

/** A frame comes in pieces: the whole of it is waited for. */
async function expectGolden(name: string): Promise<void> {
  const path = join(GOLDEN, `${name}.txt`);
  if (process.env['UPDATE']) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    writeFileSync(path, seen());
    return;
  }
  const golden = readFileSync(path, 'utf8');
  await person.until('as recorded', () => seen() === golden).catch(() => expect(seen()).toBe(golden));
}

const PROMPT = `# Three refunds

Customer **Ōta 太田** was charged *three* times for \`inv-0042\`. 🎉

1. refund two of them
2. ask them first

> They wrote: "please hurry"

| day | sum |
|---|---|
| Mon | 12.00 |
| Tue | 12.00 |`;

function fill(): void {
  mkdirSync(join(at.root, 'notes'), { recursive: true });
  writeFileSync(join(at.root, 'notes/refunds.md'), '# Ledger\n\n- Mon: charged **twice**\n- Tue: charged once\n');
  raise(at.disk, PROMPT, {
    worker: 'billing',
    options: ['refund two', 'ask first'],
    reference: 'notes/refunds.md',
    ageS: 7_500,
    urgency: 'high',
  });
  approval(at.disk, 'git push --force origin main\nrm -rf build', { reason: 'the history was cleaned', ageS: 665 });
  raise(at.disk, 'これは日本語の質問です。続けてもいいですか？', { worker: 'docs', ageS: 125 });
}

test.each([
  ['60x15', { columns: 60, rows: 15 }],
  ['100x30', { columns: 100, rows: 30 }],
  ['250x60', { columns: 250, rows: 60 }],
])('the screens at %s', async (name, size) => {
  fill();
  expect((await at.tend(['goal', 'write', 'inbox', '# Inbox\n\nEvery paper is filed'])).code).toBe(0);
  person = sitDown({ env: at.env, size });
  await person.sees('3 waiting for you');
  await person.sees('DOWN');
  await expectGolden(`${name}-list`);
  person.type('\r');
  await person.sees('answers billing-1');
  if (size.columns > 96) await person.sees('Ledger');
  person.type('1');
  await person.sees('answers billing-1 with: refund two');
  await expectGolden(`${name}-ask`);
  person.type('\u0015\u001b[1;3B');
  await person.sees('A yes runs exactly this');
  person.type('yes');
  await person.sees('Enter runs it');
  await expectGolden(`${name}-approval`);
  person.type('\u0015\u001b');
  await person.sees('Enter open');
  person.type('e');
  await person.sees('inbox');
  await expectGolden(`${name}-policy`);
  person.type('\u001b');
  await person.sees('Enter open');
  person.type('?');
  await person.sees('Everywhere');
  await expectGolden(`${name}-help`);
});
