/** What a person reads afterwards: the logs as they come, the journal since a time, and why a beat did what it did. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type House, openHouse, type Started, until } from './house.js';

let house: House;
beforeEach(() => {
  house = openHouse();
});
afterEach(() => house.close());

interface Explained {
  beat: string;
  state: string;
  why: string;
  saw: string[];
  decided: { action: string; said: string; by: string; goal: string | null } | null;
  gate: { verdict: string; reason: string } | null;
  failure: { code: string; error: string } | null;
  outcome: { state: string; exit_code: number | null } | null;
  ask: { id: string; state: string; answer: string | null } | null;
  cost: { calls: number; usd: number | null; input_tokens: number | null };
  look: { dir: string; files: string[] }[];
}

const explain = (...id: string[]) => house.json<Explained>(['explain', ...id, '--json']);
const journaled = (text: string) =>
  until(`journal: ${text}`, () => house.journal().find((line) => line.includes(text)));
const until1 = (started: Started, text: string) => until(`stdout: ${text}`, () => started.said().stdout.includes(text));

test('logs and journal follow what happens, and each beat can be explained: done, asked, failed, and by rule', async () => {
  await house.init();
  expect(await house.tend(['explain'])).toMatchObject({ code: 1, stderr: expect.stringContaining('tend status') });
  const [log, events, journal] = [
    ['logs', '-f'],
    ['logs', 'pulse', '-f', '--json'],
    ['journal', '-f'],
  ].map((args) => house.start(args)) as [Started, Started, Started];
  house.next(`echo '{"tend":"usage"}' >/dev/null; echo '{"action":"run_shell","cmd":"ls","journal":"looked around"}'`);
  await house.up();
  await journaled('looked around');
  await until1(journal, 'looked around');
  await until1(log, 'run_shell · looked around');
  expect(log.said().stdout).toMatch(/\[\d\d:\d\d:\d\d\] pulse up · pid \d+/);
  const row = await until('the event', () =>
    events
      .said()
      .stdout.split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, string>)
      .find((one) => one['event'] === 'beat.decided' && one['action'] === 'run_shell'),
  );
  const done = await explain(row['beat']!);
  expect(done).toMatchObject({
    beat: row['run'],
    state: 'decided',
    why: 'a look was asked for',
    decided: { action: 'run_shell', said: 'looked around', by: 'model' },
    gate: { verdict: 'allow' },
    outcome: { state: 'done', exit_code: 0 },
    ask: null,
    cost: { calls: 1, usd: null },
  });
  expect(done.look.flatMap((one) => one.files)).toEqual(expect.arrayContaining(['prompt.md', 'outcome.json']));
  expect(await explain(row['move_run']!)).toEqual(done);

  await house.settled();
  house.next({ action: 'run_shell', cmd: 'rm -r build', journal: 'clean up' });
  house.write('goals/new.md', '# New\n\nSomething new.\n');
  const ask = await until('the ask', async () => (await house.asks()).find((one) => one.kind === 'approval'));
  await until('the beat is told', async () => (await explain()).ask?.id === ask.id);
  const asked = await explain();
  expect(asked.saw).toContain('+ goal:new appeared');
  expect(asked).toMatchObject({ why: 'the world changed', gate: { verdict: 'ask' }, ask: { state: 'pending' } });
  await house.must(['answer', ask.id, 'no, keep it']);
  const shown = await house.must(['explain', asked.beat]);
  expect(shown).toMatch(/\nwhy it woke {3}the world changed\nwhat it saw {3}\+ goal:new appeared\n/);
  expect(shown).toMatch(/\ngate {10}ask: .+\noutcome {7}asked as gate-1 · answered: no, keep it/);
  expect(shown).toMatch(/\ncost {10}dollars not reported, counted by estimate · 1 call · [\d.]+s with custom\n/);

  await house.settled();
  house.next('echo nonsense; exit 3');
  house.write('goals/newer.md', '# Newer\n\nMore.\n');
  await until('it fails', async () => (await explain()).state === 'failed');
  const failed = await explain();
  expect(failed).toMatchObject({ decided: null, gate: null, failure: { code: expect.any(String) } });
  await until1(log, `see runs/${failed.look[0]!.dir.split('/')[1]}/${failed.beat}`);

  const since = await house.must(['journal', '--since', '1h']);
  expect(since).toContain('looked around');
  expect(await house.must(['journal', '--since', '1h', '-n', '0'])).toContain('nothing was done in that time');
  for (const started of [log, events, journal]) {
    started.child.kill('SIGINT');
    expect((await started.ended).stderr).toBe('');
  }
});

test('a beat by rule is explained as well: it woke, its rule held, it cost nothing', async () => {
  await house.must(['init', '--runner', 'embedded', '--yes']);
  house.write(
    'goals/ruled.md',
    '---\nrules:\n  - when: "true"\n    move: {action: run_shell, cmd: "date", journal: "by the rule"}\n---\n# Ruled\n',
  );
  await house.up();
  await journaled('by the rule');
  const beat = await until('the beat', async () => {
    const { code, stdout } = await house.tend(['explain', '--json']);
    return code === 0 ? (JSON.parse(stdout) as Explained) : undefined;
  });
  expect(beat).toMatchObject({
    state: 'decided',
    decided: { by: 'rule', goal: 'ruled' },
    gate: { verdict: 'allow' },
    cost: { calls: 0 },
  });
  expect(await house.must(['explain'])).toMatch(
    /\(by the rule of goal ruled\)[\s\S]*\ncost {10}nothing: no model was called\n/,
  );
});

test("a worker's log is text, follows until it ends, and joins what only went on in the next row", async () => {
  await house.init();
  await house.up();
  const long = 'x'.repeat(200);
  const script = `#!script\nprintf '\\033[31mred\\033[0m and ${long}\\n'; while [ ! -e go ]; do sleep 0.1; done; echo then; printf end`;
  await house.must(['worker', 'start', 'api', script]);
  await until('it runs', async () => (await house.tend(['logs', 'api'])).stdout.includes('red and'));
  const follow = house.start(['logs', 'api', '-f']);
  await until1(follow, 'red and');
  house.write('go', '');
  const { code, stdout } = await follow.ended;
  expect(code).toBe(0);
  expect(stdout).toBe(`red and ${long}\nthen\nend\n`);
  expect(await house.json(['logs', 'api', '-n', '2', '--json'])).toEqual(['then', 'end']);
  expect(await house.tend(['logs', 'nobody'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no such worker'),
  });
});
