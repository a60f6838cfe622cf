/**
 * Runs one shell command under a supervisor of its own and reads the record that it leaves. Called again for the same run,
 * by any process, it adopts what runs or has run: the supervisor's `started.json` lets the command start once.
 */
import { childEnv } from '../../host/children-env.js';
import { now } from '../../host/clock.js';
import { awaitShell, ensureShell, giveUpShell, type ShellEnd, stopShell } from '../../host/supervised-shell.js';
import { clip } from '../../lib/clip.js';
import { digest, hash32 } from '../../lib/hash.js';
import { messageOf } from '../../model/error.js';
import { unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import { type ExitRecord, type ShellCommand, type ShellOutput, shellCommandSchema } from '../../model/run.js';
import { jsonRecord, readJson } from '../../store/codec.js';
import type { Disk } from '../../store/disk.js';
import { logEvent } from '../../store/events.js';
import type { RunRef } from '../../store/runs.js';
import type { Effect, MoveContext, MoveKind } from '../move-kind.js';

export const runShell: MoveKind<'run_shell'> = {
  summary: (move) => `run-shell · ${move.reason?.trim() || move.cmd}`,
  ledger: 'shell',
  execute: async (context, move) => {
    const { deps, run } = context;
    const mark = shellMark(deps.profile.dataDir, run.id);
    const wanted = commandRecord(context, mark, move.cmd);
    deps.disk.publish(`${run.dir}/command.json`, jsonRecord(wanted));
    const command = readCommand(context, wanted);
    if (command === undefined) return SUBSTITUTED;
    const end = await runToEnd(context, mark, command);
    return effectOf(end, {
      at: unixSeconds(context.at),
      cmd: move.cmd,
      run,
      disk: deps.disk,
      timeoutS: deps.knobs.shellTimeoutS,
    });
  },
};

/**
 * The mark of everything that a run's command starts. A run's id is its own only within its data dir: two profiles may act on their
 * approvals of the same name in the same second, and the end of one command must not end the other's.
 */
export const shellMark = (dataDir: string, run: string): string => `shell-${run}-${hash32(dataDir).slice(0, 8)}`;

function commandRecord({ deps }: MoveContext, mark: string, cmd: string): Omit<ShellCommand, 'format'> {
  const { dataDir } = deps.profile;
  return { cmd, cwd: dataDir, data_dir: dataDir, timeout_ms: deps.knobs.shellTimeoutS * 1000, mark };
}

const SUBSTITUTED: Effect = {
  state: 'failed',
  code: 'command-changed',
  reason: 'Another command lies in its run directory, put there by somebody else; nothing was run',
};

/**
 * Text of the record as it lies on disk: ours, or that of an earlier life with another deadline. The names of run directories
 * can be foretold, so a record that was there first may hold another command; that one is not what was said yes to.
 */
function readCommand({ deps, run }: MoveContext, wanted: Omit<ShellCommand, 'format'>): string | undefined {
  const read = readJson(deps.disk, `${run.dir}/command.json`, shellCommandSchema);
  if (read.state !== 'present') return undefined;
  const { cmd, cwd, data_dir, mark } = read.value;
  const isSame = cmd === wanted.cmd && cwd === wanted.cwd && data_dir === wanted.data_dir && mark === wanted.mark;
  return isSame ? read.text : undefined;
}

async function runToEnd({ deps, run }: MoveContext, mark: string, command: string): Promise<ShellEnd> {
  const dir = deps.disk.path(run.dir);
  let pid: number | undefined;
  try {
    const env = childEnv(deps.env, deps.profile, deps.bin, { sessionId: 'shell', mark });
    pid = await ensureShell(dir, { bin: deps.bin, env, cwd: deps.profile.dataDir, digest: digest(command) });
  } catch (error) {
    // No process could be made: nobody shall make one later, after we have said that it did not run.
    const never = giveUpShell(dir, `its supervisor could not be started: ${messageOf(error)}`);
    if (never) return never;
  }
  const end = await awaitShell(dir, { mark, signal: deps.signal, pid });
  if (end.state !== 'left-running' || deps.whenAborted !== 'stop') return end;
  const never = giveUpShell(dir, 'it was stopped before it began');
  if (never) return never;
  await stopShell(dir);
  return awaitShell(dir, { mark, pid });
}

interface Ran {
  /** When it was decided, unix seconds; stands in for an end that nobody recorded. */
  at: number;
  cmd: string;
  run: RunRef;
  disk: Disk;
  timeoutS: number;
}

function effectOf(end: ShellEnd, ran: Ran): Effect {
  switch (end.state) {
    case 'left-running':
      return { state: 'left-running' };
    case 'not-started':
      return { state: 'failed', code: 'not-started', reason: `The command was not run: ${end.reason}` };
    case 'interrupted':
      return {
        state: 'failed',
        code: 'interrupted',
        reason: `The command was interrupted and what it did is not known (${end.reason}); it is not run again`,
        output: outputOf(ran, null),
      };
    case 'exited': {
      const output = outputOf(ran, end.exit);
      const durationMs = end.exit.duration_ms;
      const problem = problemOf(end.exit, ran.timeoutS);
      if (problem === undefined) return { state: 'done', output, durationMs };
      const tail = output.output.trim();
      const reason = `${problem[1]}${tail ? `: ${clip(tail, LIMITS.outputTailBytes)}` : ''}`;
      return { state: 'failed', code: problem[0], reason, output, durationMs };
    }
    default:
      throw end satisfies never;
  }
}

function problemOf(exit: ExitRecord, timeoutS: number): [code: string, text: string] | undefined {
  const partial = 'was stopped with everything it started, its output may be partial';
  if (exit.timed_out) return ['timeout', `The command took more than ${timeoutS} s and ${partial}`];
  if (exit.over)
    return ['output-limit', `The command printed more than ${LIMITS.shellOutputBytes} bytes and ${partial}`];
  if (exit.problem) return ['stopped', `The command was not run to its end: ${exit.problem}`];
  if (exit.exit_code === 0) return undefined;
  if (exit.exit_code === null) return ['signal', `The command was ended by ${exit.signal ?? 'a signal'}`];
  return ['exit-code', `The command ended with exit code ${exit.exit_code}`];
}

function outputOf({ at, cmd, run, disk }: Ran, exit: ExitRecord | null): ShellOutput {
  const key = `${run.dir}/output.log`;
  cleanOutput(disk, key);
  const read = disk.tail(key, LIMITS.outputTailBytes);
  const text = read.state === 'present' ? read.text.trimStart() : '';
  const cut = read.state === 'present' && read.bytes > LIMITS.outputTailBytes;
  return {
    run: run.id,
    cmd,
    exit_code: exit?.exit_code ?? null,
    timed_out: exit?.timed_out ?? false,
    output: cut ? `[… the end of ${read.bytes} bytes, read ${disk.path(key)}]\n${text}` : text,
    ts: exit ? exit.started_ts + Math.floor(exit.duration_ms / 1000) : at,
  };
}

/** Longer outputs are kept as they came, and the event says so: taking secrets out of 64 MiB would hold the loop for seconds. */
const CLEAN_BYTES_MAX = 8 * 1024 * 1024;

/** The command wrote the file itself; its secrets are taken out as soon as it has ended. */
function cleanOutput(disk: Disk, key: string): void {
  const read = disk.read(key, CLEAN_BYTES_MAX);
  if (read.state === 'absent' || !disk.clean) return;
  try {
    if (read.state === 'unreadable') throw new Error(read.reason);
    if (disk.clean(read.text) !== read.text) disk.replace(key, read.text);
  } catch (error) {
    logEvent(disk, now(), 'run.output_not_scrubbed', { key, reason: messageOf(error) });
  }
}
