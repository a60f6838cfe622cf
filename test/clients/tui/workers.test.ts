/** Workers on the screen: their terminals live beside what they ask, steering reaches them, and the pulse that is down says its cure. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { BIN } from '../../contract/tend-process.js';
import { makeRig, type Rig } from '../../controllers/fleet/rig.js';
import { raise } from './mailbox.js';
import { type Person, sitDown } from './person.js';

let rig: Rig;
let person: Person;
afterEach(async () => {
  person?.close();
  await rig?.close();
});

const ESC = '\u001b';

test('the terminal of a worker is shown live beside its ask; a tell reaches it; attach comes back; its end is seen', async () => {
  rig = makeRig('printf "\\033[32mgreen\\033[0m light\\n"; while read -r line; do echo "heard <$line>"; done; exit 3');
  await rig.start({ id: 'api' });
  await rig.until('its light', () => rig.transcript('api').includes('light'));
  raise(rig.disk, 'Shall I go on?', { worker: 'api', reference: 'notes/plan.md' });
  rig.disk.makeDir('notes');
  writeFileSync(join(rig.dir, 'notes/plan.md'), '# The plan\n\nfirst *this*\n');
  person = sitDown({ env: rig.env, size: { columns: 130, rows: 24 } });
  await person.sees(/api\s+\S+\s+waiting-ask/);
  await person.sees('1 at work');
  person.type('\r');
  await person.sees('─ notes/plan.md');
  await person.sees('The plan');
  person.type('\t');
  await person.sees('─ terminal of api');
  await person.sees('green light');
  expect(person.bytes()).toContain(`${ESC}[38;5;2mgreen`);
  expect(
    execFileSync(process.execPath, [BIN, 'send', 'api', 'hello'], {
      env: rig.env as NodeJS.ProcessEnv,
      encoding: 'utf8',
    }),
  ).toContain('sent');
  await person.sees('heard <hello>');
  person.type('\u0014');
  await person.sees('to api, which goes on meanwhile');
  person.type('mind the gap\r');
  await person.sees('told api');
  expect((await rig.view('api'))?.pending_tells).toBe(1);
  person.type('\u000f');
  await person.sees(/heard <hello>[\s\S]*$/);
  await person.until('attached', () => !person.screen().includes('terminal of api'));
  person.type('by hand\r');
  await person.sees('heard <by hand>');
  person.type('\u001d');
  await person.sees('detached from api, it runs on');
  await person.sees('─ terminal of api');
  await person.sees('heard <by hand>');
  // Its end, told by its records.
  execFileSync(process.execPath, [BIN, 'kill', 'api'], { env: rig.env as NodeJS.ProcessEnv });
  await person.sees('its worker was killed');
});

test('a worker without a question opens as its terminal and can be steered; one that has ended is shown on demand', async () => {
  rig = makeRig('echo "at work"; sleep 1000');
  await rig.start({ id: 'web' });
  await rig.until('at work', () => rig.transcript('web').includes('at work'));
  person = sitDown({ env: rig.env, size: { columns: 80, rows: 24 }, args: ['web'] });
  await person.sees('─ terminal of web');
  await person.sees('at work');
  person.type('leave the README alone\r');
  await person.sees('told web');
  person.type(ESC);
  execFileSync(process.execPath, [BIN, 'kill', 'web'], { env: rig.env as NodeJS.ProcessEnv });
  await person.sees('0 at work');
  await person.seesNot(/^.{2}web /m);
  person.type('a');
  await person.sees(/^.{2}web .*killed/m);
  // There is nobody to write to, and no place to write.
  person.type('G\r');
  await person.sees('terminal of web');
  expect(person.screen()).not.toContain('tell web something');
  person.type('x');
  await person.sees('worker "web" was killed: there is nobody to steer');
});

test('a pulse that is down is said with its cure, and u starts it', async () => {
  rig = makeRig('sleep 1000', { pulse: false });
  writeFileSync(join(rig.dir, 'config.json'), JSON.stringify({ runner: 'embedded' }));
  person = sitDown({ env: rig.env, size: { columns: 80, rows: 24 } });
  await person.sees('pulse DOWN: tend up');
  person.type('u');
  try {
    await person.sees('pulse live');
    await person.sees(/pulse started, pid|already running/);
  } finally {
    execFileSync(process.execPath, [BIN, 'down'], { env: rig.env as NodeJS.ProcessEnv });
  }
  await person.sees('pulse DOWN: tend up');
});
