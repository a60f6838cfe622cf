/** `tend loops create …`: what each flag makes of a loop, and that a bad one makes none. */
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loopIds } from '../../../src/store/loops.js';
import { archiveWorkflow, createWorkflow, newWorkflow } from '../../../src/store/workflows.js';
import { type LoopsCli, makeLoopsCli } from './loops-cli.js';

let tend: LoopsCli;
beforeEach(() => {
  tend = makeLoopsCli();
});
afterEach(() => tend.remove());

const COMMAND = ['loops', 'create', 'command', 'x', '--cmd', 'true'];
const AGENT = ['loops', 'create', 'agent', 'x', '--provider', 'codex', '--prompt', 'do it', '--dynamic'];

test('a command loop has the documented defaults, and its first time is said [loops 15]', async () => {
  const said = await tend.cli(...COMMAND, '--every', '90s');
  const loop = await tend.json('loops', 'show', 'x');
  expect(said).toMatchObject({ exit: 0, err: '' });
  expect(said.out).toBe(`created loop ${loop['id']} (x) next=${loop['nextRunAt']}\n`);
  expect(loop).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{12}$/),
    name: 'x',
    status: 'active',
    schedule: { type: 'interval', everyMs: 90_000, anchor: 'fixed_rate' },
    target: { type: 'command', command: 'true', shell: true },
    catchUp: 'latest',
    catchUpLimit: 50,
    overlap: 'skip',
    maxAttempts: 1,
    retryDelayMs: 60_000,
    leaseMs: 1_800_000,
    breaker: 5,
    missed: { total: 0 },
    failureStreak: 0,
  });
  expect(Date.parse(String(loop['nextRunAt'])) - Date.parse(String(loop['createdAt']))).toBe(90_000);
  for (const absent of ['description', 'goal', 'machine', 'expiresAt', 'retryScheduledFor', 'lastRun'])
    expect(loop).not.toHaveProperty(absent);
});

test.each([
  ['--at', ['--at', '2031-01-02T03:04:05+02:00'], { schedule: { type: 'once', at: '2031-01-02T01:04:05.000Z' } }],
  ['--cron', ['--cron', '0 9 * * 1-5'], { schedule: { type: 'cron', expression: '0 9 * * 1-5' } }],
  [
    '--timezone',
    ['--cron', '@daily', '--timezone', 'Europe/Berlin'],
    { schedule: { type: 'cron', expression: '@daily', timezone: 'Europe/Berlin' } },
  ],
  ['--dynamic', ['--dynamic'], { schedule: { type: 'dynamic', minIntervalMs: 60_000 } }],
  ['--catch-up', ['--dynamic', '--catch-up', 'all'], { catchUp: 'all' }],
  ['--catch-up-limit', ['--dynamic', '--catch-up-limit', '3'], { catchUpLimit: 3 }],
  ['--catch-up-window', ['--dynamic', '--catch-up-window', '1.5h'], { catchUpWindowMs: 5_400_000 }],
  ['--overlap', ['--dynamic', '--overlap', 'allow'], { overlap: 'allow' }],
  ['--attempts', ['--dynamic', '--attempts', '4'], { maxAttempts: 4 }],
  ['--retry-delay', ['--dynamic', '--retry-delay', '250'], { retryDelayMs: 250 }],
  ['--lease', ['--dynamic', '--lease', '2m'], { leaseMs: 120_000 }],
  ['--breaker', ['--dynamic', '--breaker', '0'], { breaker: 0 }],
  ['--expires-at', ['--dynamic', '--expires-at', '2031-01-02T00:00:00Z'], { expiresAt: '2031-01-02T00:00:00.000Z' }],
  ['-d', ['--dynamic', '-d', 'what for'], { description: 'what for' }],
  ['--machine local', ['--dynamic', '--machine', 'local'], { machine: 'local' }],
  ['--machine of this host', ['--dynamic', '--machine', hostname()], { machine: hostname() }],
  [
    '--goal and its flags',
    ['--dynamic', '--goal', '  all green ', '--goal-budget', '500', '--goal-model', 'm', '--goal-max-turns', '2'],
    { goal: { objective: 'all green', tokenBudget: 500, model: 'm', maxTurns: 2, autoExecute: 'readyOnly' } },
  ],
  ['--cwd', ['--dynamic', '--cwd', '/tmp'], { target: { type: 'command', command: 'true', shell: true, cwd: '/tmp' } }],
  ['--timeout', ['--dynamic', '--timeout', '500ms'], { target: expect.objectContaining({ timeoutMs: 500 }) }],
  ['--skip-exit', ['--dynamic', '--skip-exit', '75'], { target: expect.objectContaining({ skipExit: 75 }) }],
  [
    '--account',
    ['--dynamic', '--account', 'work', '--account-tool', 'codex'],
    { target: expect.objectContaining({ account: { profile: 'work', tool: 'codex' } }) },
  ],
])('%s is stored, and shown as it is stored', async (_, flags, wanted) => {
  const made = await tend.json(...COMMAND, ...flags);
  expect(made).toMatchObject(wanted);
  expect(tend.loop(String(made['id'])).spec).toMatchObject(wanted);
});

test.each([
  ["tool --flag 'two words' \"a 'b'\" c\\ d", { command: 'tool', args: ['--flag', 'two words', "a 'b'", 'c d'] }],
  ['"/opt/my tool"', { command: '/opt/my tool' }],
  ['echo $HOME | wc', { command: 'echo', args: ['$HOME', '|', 'wc'] }],
])('--no-shell splits %s into words and expands nothing', async (cmd, wanted) => {
  const made = await tend.json('loops', 'create', 'command', 'x', '--cmd', cmd, '--no-shell', '--dynamic');
  expect(made['target']).toEqual({ type: 'command', shell: false, ...wanted });
});

test.each(["'open", 'open\\', ' ', "''"])('--no-shell refuses %j, which names no program', async (cmd) => {
  const said = await tend.cli('loops', 'create', 'command', 'x', '--no-shell', '--dynamic', `--cmd=${cmd}`);
  expect(said).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('--cmd') });
  expect(loopIds(tend.disk)).toEqual([]);
});

test('a dynamic loop begins a minute from now, one that runs once at its time, also when that has passed', async () => {
  const dynamic = await tend.json(...COMMAND, '--dynamic');
  expect(Date.parse(String(dynamic['nextRunAt'])) - Date.parse(String(dynamic['createdAt']))).toBe(60_000);
  const once = await tend.json(...COMMAND, '--at', '2001-02-03T04:05:06Z');
  expect(once['nextRunAt']).toBe('2001-02-03T04:05:06.000Z');
});

test.each([
  ['no schedule', []],
  ['two schedules', ['--dynamic', '--every', '1m']],
  ['all four', ['--at', '2031-01-01', '--every', '1m', '--cron', '@daily', '--dynamic']],
])('%s: refused with the names of all four, and nothing is stored [loops 16]', async (_, flags) => {
  const said = await tend.cli(...COMMAND, ...flags);
  expect(said).toMatchObject({ exit: 1, out: '' });
  for (const flag of ['--at', '--every', '--cron', '--dynamic']) expect(said.err).toContain(flag);
  expect(loopIds(tend.disk)).toEqual([]);
});

test.each([
  [['--catch-up', 'foo'], /"foo".*none, latest, all/],
  [['--overlap', 'foo'], /"foo".*skip, allow/],
  [['--attempts', '0'], /--attempts is 0/],
  [['--attempts', '1.5'], /"1.5"/],
  [['--catch-up-limit', '0'], /--catch-up-limit is 0/],
  [['--retry-delay', '0'], /"0".*--retry-delay.*above 0/],
  [['--retry-delay', '0s'], /"0s"/],
  [['--lease', 'x'], /"x".*--lease/],
  [['--breaker', '-1'], /--breaker/],
  [['--catch-up-window', '5x'], /"5x"/],
  [['--expires-at', 'tomorrow'], /"tomorrow" is no date/],
  [['--timezone', 'Europe/Berlin'], /--timezone is for --cron/],
  [['--machine', 'elsewhere'], /remote machines are not supported/],
  [['--goal', ' '], /goal\.objective/],
  [['--goal', 'x'.repeat(4_001)], /4000/],
  [['--goal-budget', '5'], /--goal-budget is given without --goal/],
  [['--goal-model', 'm'], /--goal-model is given without --goal/],
  [['--goal-max-turns', '5'], /--goal-max-turns is given without --goal/],
  [['--goal', 'x', '--goal-budget', '0'], /goal\.tokenBudget/],
  [['--account-tool', 'codex'], /--account-tool is given without --account/],
  [['--account', 'work'], /--account is given without --account-tool/],
  [['--account', '-x'], /--account/],
  [['--account', 'a b'], /"a b"/],
  [['--skip-exit', '0'], /--skip-exit is 0/],
  [['--timeout', '0'], /--timeout/],
  [['surplus'], /"surplus" is a word too many/],
])('a command loop with %s is refused in words, and nothing is stored [loops 17]', async (flags, words) => {
  const said = await tend.cli(...COMMAND, '--dynamic', ...flags);
  expect(said).toMatchObject({ exit: 1, out: '' });
  expect(said.err).toMatch(/^error: /);
  expect(said.err).toMatch(words);
  expect(loopIds(tend.disk)).toEqual([]);
});

test.each([
  [['--every', '0s'], /"0s".*--every/],
  [['--every', ''], /--every/],
  [['--every', '5x'], /"5x".*--every/],
  [['--every=-1s'], /"-1s".*--every/],
  [['--at', '2026-02-30'], /"2026-02-30" is no date/],
  [['--at', 'noon'], /"noon" is no date/],
  [['--cron', '* * * *'], /4/],
  [['--cron', '* * * * * *'], /6/],
  [['--cron', 'x * * * *'], /x/],
  [['--cron', '@daily', '--timezone', 'Mars/Olympus'], /"Mars\/Olympus" is no time zone/],
])('the schedule %s is refused, and nothing is stored [loops 13]', async (flags, words) => {
  const said = await tend.cli(...COMMAND, ...flags);
  expect(said).toMatchObject({ exit: 1, out: '' });
  expect(said.err).toMatch(words);
  expect(loopIds(tend.disk)).toEqual([]);
});

test('an expression that never matches is refused at its creation, and nothing is stored [loops 7]', async () => {
  const said = await tend.cli(...COMMAND, '--cron', '0 0 30 2 *');
  expect(said).toMatchObject({ exit: 1, out: '' });
  expect(said.err).toContain('"0 0 30 2 *"');
  expect(tend.disk.list('schedules')).toEqual({ state: 'absent' });
});

test('a name that is taken is a warning, and both loops stand', async () => {
  const first = await tend.create('x', '--dynamic');
  const said = await tend.cli(...COMMAND, '--dynamic');
  expect(said.exit).toBe(0);
  expect(said.err).toContain(first);
  expect(loopIds(tend.disk)).toHaveLength(2);
});

test('a dry run prints the record and the next five times, and stores nothing', async () => {
  const cron = [...COMMAND, '--cron', '0 9 * * 1-5', '--timezone', 'Europe/Berlin', '--dry-run'];
  const { dryRun, loop, next } = await tend.json<{ dryRun: true; loop: { nextRunAt: string }; next: string[] }>(
    ...cron,
  );
  expect([dryRun, next.length, next[0]]).toEqual([true, 5, loop.nextRunAt]);
  for (const [at, fire] of next.entries()) {
    if (at > 0) expect(Date.parse(fire)).toBeGreaterThan(Date.parse(next[at - 1]!));
    const berlin = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', weekday: 'short', hour: '2-digit' });
    expect(berlin.format(new Date(fire))).toMatch(/^(Mon|Tue|Wed|Thu|Fri),? 09$/);
  }
  const text = await tend.cli(...cron);
  expect(text.out).toContain('nothing was stored');
  expect(text.out.match(/^next=/gm)).toHaveLength(5);
  expect((await tend.cli(...COMMAND, '--at', '2031-01-01T00:00Z', '--dry-run')).out.match(/^next=/gm)).toHaveLength(1);
  expect(tend.disk.list('schedules')).toEqual({ state: 'absent' });
});

test.each([
  ['~', (home: string) => home],
  ['~/a b', (home: string) => join(home, 'a b')],
  ['a/../b', () => join(process.cwd(), 'b')],
  ['~x', () => join(process.cwd(), '~x')],
])('--cwd %s is kept as an absolute path, for a command and for an agent', async (cwd, wanted) => {
  for (const argv of [[...COMMAND, '--dynamic'], AGENT]) {
    const made = await tend.json(...argv, '--cwd', cwd, '--dry-run');
    expect(made).toMatchObject({ loop: { target: { cwd: wanted(tend.dir) } } });
  }
});

test('an agent loop keeps what it was given, and no verb shows its prompt', async () => {
  const file = join(tend.dir, 'prompt.md');
  writeFileSync(file, 'a secret thing to do\n');
  const made = await tend.json(
    ...['loops', 'create', 'agent', 'x', '--provider', 'codewith', '--prompt-file', file, '--dynamic'],
    ...['--model', 'm', '--agent', 'a', '--auth-profile', 'p', '--cwd', '/tmp', '--timeout', '5m', '--account', 'w'],
  );
  const target = {
    type: 'agent',
    provider: 'codewith',
    model: 'm',
    agent: 'a',
    authProfile: 'p',
    cwd: '/tmp',
    timeoutMs: 300_000,
    configIsolation: 'safe',
    account: { profile: 'w' },
  };
  expect(made['target']).toEqual({ ...target, prompt: '[redacted 21 chars]' });
  expect(tend.loop(String(made['id'])).spec.target).toEqual({ ...target, prompt: 'a secret thing to do\n' });
  for (const argv of [['list'], ['list', '-j'], ['show', 'x'], ['pause', 'x', '-j'], ['runs', 'x', '--show-output']])
    expect((await tend.cli('loops', ...argv)).out).not.toContain('secret thing');
});

test.each([
  [
    'no provider',
    ['loops', 'create', 'agent', 'x', '--prompt', 'p', '--dynamic'],
    /--provider is missing.*claude, cursor/,
  ],
  ['another provider', [...AGENT.slice(0, 4), '--provider', 'gpt', '--prompt', 'p', '--dynamic'], /"gpt"/],
  ['no prompt', [...AGENT.slice(0, 6), '--dynamic'], /exactly one of --prompt and --prompt-file/],
  ['two prompts', [...AGENT, '--prompt-file', '/etc/hostname'], /exactly one of --prompt and --prompt-file/],
  ['a blank prompt', [...AGENT.slice(0, 6), '--prompt', ' ', '--dynamic'], /the prompt is blank/],
  [
    'a prompt file that is not there',
    [...AGENT.slice(0, 6), '--prompt-file', '/nonexistent', '--dynamic'],
    /no such file/,
  ],
  ['--auth-profile of another provider', [...AGENT, '--auth-profile', 'p'], /--auth-profile is for codewith alone/],
  ['a flag for a model', [...AGENT, '--model=--yolo'], /"--yolo" is no name of a model/],
  ['a flag for an agent', [...AGENT, '--agent=-f'], /"-f" is no name of a model/],
  [
    'a name over its length',
    [...AGENT.slice(0, 3), 'n'.repeat(1_001), ...AGENT.slice(4), '--dynamic'],
    /"n{299}…": its name has 1001 characters, 1000 at most are allowed/,
  ],
  ['another isolation', [...AGENT, '--config-isolation', 'some'], /"some"/],
])('an agent loop with %s is refused, and nothing is stored [loops 143]', async (_, argv, words) => {
  const said = await tend.cli(...argv);
  expect(said).toMatchObject({ exit: 1, out: '' });
  expect(said.err).toMatch(words);
  expect(loopIds(tend.disk)).toEqual([]);
});

test('a workflow loop keeps the id of an active workflow; a missing or archived one, and a goal over a goal, are refused', async () => {
  const step = {
    id: 'a',
    target: { type: 'command' as const, command: 'true' },
    dependsOn: [],
    continueOnFailure: false,
  };
  const draft = { version: 1, maxParallel: 1, steps: [step] };
  const plain = newWorkflow({ ...draft, name: 'plain' }, Date.now());
  const aimed = newWorkflow({ ...draft, name: 'aimed', goal: { objective: 'done' } }, Date.now());
  for (const workflow of [plain, aimed]) createWorkflow(tend.disk, workflow);
  const create = (...flags: string[]) => tend.cli('loops', 'create', 'workflow', 'x', '--dynamic', ...flags);
  const said = await create('--workflow', 'plain', '--timeout', '2h');
  const [id] = loopIds(tend.disk);
  expect(said.out).toMatch(new RegExp(`^created workflow loop ${id} \\(x\\) workflow=plain next=\\d{4}-.*Z\\n$`));
  expect(tend.loop(id!).spec.target).toEqual({ type: 'workflow', workflowId: plain.id, timeoutMs: 7_200_000 });
  expect((await create('--workflow', plain.id)).exit).toBe(0);
  expect((await create()).err).toContain('--workflow is missing');
  expect((await create('--workflow', 'none', '-j')).err).toContain('"code":"NOT_FOUND"');
  expect((await create('--workflow', 'aimed', '--goal', 'more')).err).toContain('goals are not nested');
  expect((await create('--workflow', 'plain', '--goal', 'more')).exit).toBe(0);
  archiveWorkflow(tend.disk, plain.id, Date.now());
  expect((await create('--workflow', plain.id)).err).toContain('archived');
  expect(loopIds(tend.disk)).toHaveLength(3);
});

test.each<[string, string[], RegExp]>([
  [
    'a directory that is not there',
    ['--every', '1h', '--cwd', '/nowhere/at/all'],
    /"\/nowhere\/at\/all" cannot be used as it is now: there is no such directory/,
  ],
  [
    'an end before its first time',
    ['--every', '1h', '--expires-at', '2020-01-01T00:00:00Z'],
    /expires at 2020-01-01T00:00:00.000Z, .* it will never run/,
  ],
])('%s is warned of, and the loop is made all the same', async (_, flags, warning) => {
  expect(await tend.cli(...COMMAND, ...flags, '--dry-run')).toMatchObject({
    exit: 0,
    err: expect.stringMatching(warning),
  });
  expect(loopIds(tend.disk)).toEqual([]);
  expect(await tend.cli(...COMMAND, ...flags)).toMatchObject({ exit: 0, err: expect.stringMatching(warning) });
  expect(loopIds(tend.disk)).toHaveLength(1);
});

test('an end after its first time is not warned of', async () => {
  const flags = ['--every', '1h', '--expires-at', '2190-01-01T00:00:00Z', '--cwd', tend.dir];
  expect(await tend.cli(...COMMAND, ...flags)).toMatchObject({ exit: 0, err: '' });
});
