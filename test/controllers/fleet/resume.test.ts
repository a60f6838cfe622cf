/** Workers that die in the middle of their work, with stand-ins for agent CLIs, real supervisors and a fleet controller. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { act } from '../../../src/act/act.js';
import { VERBS } from '../../../src/contract/registry.js';
import { now } from '../../../src/host/clock.js';
import { signalProcess } from '../../../src/host/kill.js';
import { localDay } from '../../../src/model/instant.js';
import { resolveKnobs } from '../../../src/model/knobs.js';
import type { MoveOf } from '../../../src/model/move.js';
import { runSpends } from '../../../src/policy/budget.js';
import { RUNNERS } from '../../../src/runners/registry.js';
import { raiseAsk, recordAnswer } from '../../../src/store/asks.js';
import { loadConfig } from '../../../src/store/config.js';
import { findRuns } from '../../../src/store/run-index.js';
import { readSpend } from '../../../src/store/spend.js';
import { readWorkerUsage } from '../../../src/store/worker-money.js';
import { ended, makeRig, marked, type Rig, supervisors } from './rig.js';

let rig: Rig;
afterEach(async () => rig?.close());

/** A house in which `name` is this script, and workers run on it with tend's own command. */
function makeHouse(name: 'codex' | 'claude', script: string, config: object = {}): Rig {
  const made = makeRig('', { pulse: false });
  const bin = join(dirname(made.dir), 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, name), `#!/bin/bash\n${script}`, { mode: 0o755 });
  made.env['PATH'] = `${bin}:${process.env['PATH']}`;
  writeFileSync(join(made.dir, 'config.json'), JSON.stringify({ worker_command: RUNNERS[name].worker, ...config }));
  made.beginPulse();
  return made;
}

const start = (id: string, more: object = {}) =>
  doing({ action: 'start_worker', id, prompt: 'Work.', ...more } as never);
async function doing(move: MoveOf<'start_worker'> | MoveOf<'resume_worker'>, by: 'pulse' | 'human' = 'human') {
  const profile = { dataDir: rig.dir, configPath: `${rig.dir}/config.json`, isDefault: false };
  const { config, raw } = loadConfig(profile.configPath);
  const { knobs } = resolveKnobs({}, raw);
  const seeds = new URL('../../../seeds', import.meta.url).pathname;
  const deps = { disk: rig.disk, knobs, config, profile, env: rig.env, bin: rig.bin, seeds };
  return act(deps, { move, origin: by === 'pulse' ? { by } : { by, user: 'ada' }, world: 'x' }, now());
}

/** As the machine does it when its power goes: nothing gets a word in. */
function cut(id: string): void {
  for (const pid of [...supervisors(rig, id), ...marked(rig, id)]) signalProcess(pid, 'SIGKILL');
}
const runs = () => runSpends(readSpend(rig.disk, localDay(now())).rows);

/** Codex as far as this is concerned: it counts over the whole thread, and goes on when it is told its id. */
const CODEX = `
say() { printf '%s\\n' "$1"; }
case " $* " in
  *" resume "*) prompt=$(cat); say "{\\"type\\":\\"thread.started\\",\\"thread_id\\":\\"$(echo "$*" | grep -o 't-[0-9]*')\\"}"
    say "$*" >"$TEND_DATA_DIR/resumed"; say "$prompt" >"$TEND_DATA_DIR/told"
    say '{"type":"item.completed","item":{"type":"agent_message","text":"Done."}}'
    say '{"type":"turn.completed","usage":{"input_tokens":1000000,"output_tokens":0}}' ;;
  *) cat >/dev/null; say '{"type":"thread.started","thread_id":"t-77"}'; say '{"type":"turn.started"}'
    echo begun >>"$TEND_DATA_DIR/begun"; exec -a tool sleep 1000 ;;
esac
`;

test('a worker that was cut goes on in its session, once for each resume, and is told what became of its ask', async () => {
  rig = makeHouse('codex', CODEX);
  await start('w', { verify: 'grep -q Tea told' });
  await rig.until('its session is known while it runs', () => rig.status('w')?.session === 't-77');
  expect(rig.status('w')).toMatchObject({ state: 'running', runner: 'codex' });
  expect(await doing({ action: 'resume_worker', id: 'w' })).toMatchObject({ state: 'refused', code: 'worker-exists' });
  const first = rig.generation('w');
  const { id } = raiseAsk(
    rig.disk,
    { worker: 'w', prompt: 'Tea?', kind: 'question', urgency: 'normal', generation: first },
    now(),
  );
  cut('w');
  await rig.until('its end', () => ended(rig, 'w'));
  expect(await rig.view('w')).toMatchObject({ state: 'failed', session: 't-77', cut: { resumed: 0, left: 3 } });
  // Nothing begins by itself.
  expect(readFileSync(join(rig.dir, 'begun'), 'utf8')).toBe('begun\n');
  recordAnswer(rig.disk, { id, outcome: 'answered', answer: 'green', by: 'ada', channel: 'cli' }, now());
  const list = await verb('worker list', {});
  expect(list.text).toContain(
    'w: its session was cut (its supervisor died (crash or reboot)); it goes on with: tend worker resume w',
  );
  const done = await verb('worker resume', { args: { id: 'w' }, flags: { prompt: 'Hurry.' } });
  expect(done.text).toContain('session t-77 of codex');
  await rig.until('its second end', () => rig.generation('w') !== first && ended(rig, 'w'));
  expect(rig.status('w')).toMatchObject({ state: 'exited', exit_code: 0, session: 't-77', runner: 'codex' });
  expect(readFileSync(join(rig.dir, 'resumed'), 'utf8')).toContain(' t-77 -');
  const words = readFileSync(join(rig.dir, 'told'), 'utf8');
  for (const word of ['its supervisor died', 'Tea?', '> green', 'Hurry.', 'worker `w`']) expect(words).toContain(word);
  await rig.until('it was judged anew', async () => (await rig.view('w'))?.verify === 'pass');
  expect((await rig.view('w'))?.cut).toBeUndefined();
  await rig.until('both runs are settled', () => runs().every((run) => !run.open));
  expect(runs()).toMatchObject([
    { run: `worker-${first}`, runner: 'codex', metered: false },
    { run: `worker-${rig.generation('w')}`, runner: 'codex', usd: 5, tokens: 1_000_000, metered: true },
  ]);
  expect(readSpend(rig.disk, localDay(now())).rows.at(-1)).toMatchObject({ first: `worker-${first}` });
  // A row for each life: what the first used is not known, and is no money in its row.
  const second = rig.generation('w');
  const told = (kind: 'worker' | 'verify') => findRuns(rig.disk, { kind }, { limit: 50, now: now() }).rows;
  await rig.until('its verify is told', () => told('verify')[0]?.id === `verify-${second}`);
  expect(told('verify')[0]).toMatchObject({ status: 'succeeded', worker: 'w' });
  expect(told('worker')).toMatchObject([
    { id: `worker-${second}`, status: 'succeeded', runner: 'codex', usd: 5, input_tokens: 1_000_000 },
    { id: `worker-${first}`, status: 'failed', runner: 'codex', error: 'its supervisor died (crash or reboot)' },
  ]);
  expect(told('worker')[1]?.usd).toBeUndefined();
  expect(rig.thrown).toEqual([]);
});

test('an agent that is killed under its supervisor was cut too; a decider resumes it, and the session counts only what is new', async () => {
  const counted = CODEX.replace(
    'exec -a tool sleep 1000',
    () => `say '{"type":"turn.completed","usage":{"input_tokens":400000,"output_tokens":0}}'; kill -9 $$`,
  );
  rig = makeHouse('codex', counted);
  await start('w');
  await rig.until('its end', () => ended(rig, 'w'));
  expect(await rig.view('w')).toMatchObject({
    state: 'exited',
    exit_code: 137,
    cut: { why: 'its agent was ended by signal 9' },
  });
  const first = rig.generation('w');
  const resumed = await doing({ action: 'resume_worker', id: 'w' }, 'pulse');
  expect('reason' in resumed ? resumed.reason : resumed.state).toBe('done');
  await rig.until('its second end', () => rig.generation('w') !== first && ended(rig, 'w'));
  await rig.until('both runs are settled', () => runs().length === 2 && runs().every((run) => !run.open));
  expect(runs().map(({ usd, tokens }) => ({ usd, tokens }))).toEqual([
    { usd: 2, tokens: 400_000 },
    { usd: 3, tokens: 600_000 },
  ]);
  expect(readWorkerUsage(rig.disk, 'w', rig.generation('w'))).toMatchObject({
    session: { input_tokens: 1_000_000, usd: 5 },
  });
});

test('a command that is not the preset goes on only by the "resume_command" of the config; its id is chosen', async () => {
  const mine = { worker_command: 'bash ../mine.sh first {{session}} {{prompt_file}}' };
  rig = makeHouse('codex', 'exit 1', mine);
  writeFileSync(
    join(dirname(rig.dir), 'mine.sh'),
    'echo "$1 $2" >>"$TEND_DATA_DIR/mine"; [ $1 = again ] || sleep 1000',
  );
  const mineSaid = () => rig.disk.read('mine');
  await start('w');
  await rig.until('it runs', () => mineSaid().state === 'present' && rig.status('w')?.session !== undefined);
  cut('w');
  await rig.until('its end', () => ended(rig, 'w'));
  expect((await rig.view('w'))?.cut).toBeUndefined();
  const refused = await doing({ action: 'resume_worker', id: 'w' });
  expect(refused).toMatchObject({
    state: 'refused',
    code: 'no-resume',
    reason: expect.stringContaining('"resume_command"'),
  });
  const both = { ...mine, resume_command: 'bash ../mine.sh again {{session}} {{prompt_file}}' };
  writeFileSync(join(rig.dir, 'config.json'), JSON.stringify(both));
  await start('w');
  await rig.until('it runs again', () => {
    const { state, child_pid: pid = 0, session = 'none' } = rig.status('w') ?? {};
    const said = mineSaid();
    // It has a pid before its shell has come to its first line.
    return (
      state === 'running' && (pid ?? 0) > 0 && said.state === 'present' && said.text.endsWith(`first ${session}\n`)
    );
  });
  const session = rig.status('w')!.session!;
  expect(session).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  cut('w');
  await rig.until('its end', () => ended(rig, 'w'));
  expect(await doing({ action: 'resume_worker', id: 'w' })).toMatchObject({ state: 'done' });
  await rig.until('it went on', () => {
    const said = mineSaid();
    return said.state === 'present' && said.text.endsWith(`first ${session}\nagain ${session}\n`);
  });
});

/** Claude Code as far as this is concerned: a screen, and a file of the session that its hook names. */
const CLAUDE = `
file="$(dirname "$TEND_DATA_DIR")/session.jsonl"
echo "{\\"transcript_path\\":\\"$file\\"}" >"$TEND_SESSION_FILE"
echo '> a screen'
until [ -e "$TEND_DATA_DIR/end" ]; do sleep 0.1; done
echo '{}' >"$TEND_TURN_END"
`;
const spoke = (id: string, tokens: number, name = 'session.jsonl') => {
  const file = join(dirname(rig.dir), name);
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(
    file,
    `${JSON.stringify({ type: 'assistant', message: { id, model: 'claude-opus-5-5', usage: { input_tokens: tokens, output_tokens: 0 } } })}\n`,
  );
};

test('what a screen costs is read from the file of its session while it runs: its budget holds it, and its end is settled by that', async () => {
  rig = makeHouse('claude', CLAUDE, { runner: 'claude' });
  await start('w', { budget_usd: 1 });
  await rig.until('it runs', () => rig.status('w')?.state === 'running');
  expect(rig.status('w')?.session).toMatch(/^[0-9a-f-]{36}$/);
  spoke('m1', 100_000);
  await rig.until('its cost is known', () => readWorkerUsage(rig.disk, 'w', rig.generation('w'))?.usd === 0.4);
  spoke('m1', 100_000);
  // A helper of its own, whose account lies beside it.
  spoke('m2', 200_000, 'session/subagents/agent-1.jsonl');
  await rig.until('it is held', () => rig.disk.stat('workers/w/held.json').state === 'present');
  expect(readWorkerUsage(rig.disk, 'w', rig.generation('w'))).toMatchObject({
    usd: expect.closeTo(1.2),
    tokens: 300_000,
  });
  writeFileSync(join(rig.dir, 'end'), '');
  await verb('worker kill', { args: { id: 'w' } });
  await rig.until('it is settled', () => runs().every((run) => !run.open));
  expect(runs()).toMatchObject([{ runner: 'claude', usd: expect.closeTo(1.2), tokens: 300_000, metered: true }]);
});

test('a session file that is not there leaves the estimate, which its status says', async () => {
  rig = makeHouse('claude', CLAUDE, { runner: 'claude' });
  writeFileSync(join(rig.dir, 'end'), '');
  await start('w');
  await rig.until('its end', () => ended(rig, 'w'));
  expect(rig.status('w')).toMatchObject({ state: 'exited', exit_code: 0 });
  expect(rig.status('w')?.message).toMatch(/^what it used is counted by estimate: its session file ".*" is not there$/);
  await rig.until('it is settled', () => runs().length === 1 && runs().every((run) => !run.open));
  expect(runs()).toMatchObject([{ runner: 'claude', usd: 0.2, metered: false }]);
});

async function verb(name: string, input: { args?: Record<string, string>; flags?: Record<string, string | boolean> }) {
  const module = await VERBS[name]!();
  return module.verb.run(
    { args: {}, flags: {}, words: [], ...input },
    {
      disk: rig.disk,
      profile: { dataDir: rig.dir, configPath: `${rig.dir}/config.json`, isDefault: false },
      env: rig.env,
      session: { user: 'ada' },
      bin: rig.bin,
      seeds: new URL('../../../seeds', import.meta.url).pathname,
      warn: () => {},
      print: () => {},
      signal: new AbortController().signal,
      tty: { in: false, out: false },
    },
  );
}
