/**
 * One sensor, once: the script by its shebang and exec bit, in its own process group, stdin closed, cwd = data dir, with a
 * deadline and a cap that is kept while reading. Whatever happens becomes a reading; nothing here throws for what a script does,
 * and when it returns, no process of the sensor is left, or (with a sweep) none by the time that is done.
 */
import { sleep } from '../host/clock.js';
import { type ExecRequest, type ExecResult, execBounded } from '../host/exec.js';
import { signalNumber } from '../host/signal-number.js';
import type { Sweep } from '../host/sweep.js';
import type { Json } from '../lib/json.js';
import type { Knobs } from '../model/knobs.js';
import { LIMITS } from '../model/limits.js';
import type { SensorHeaders } from './headers.js';
import {
  failedReading,
  keptReading,
  notJsonReading,
  parseReading,
  tooLargeReading,
  tooLoudReading,
} from './reading.js';
import type { SensorScript } from './sensor-script.js';

export interface RunSensorDeps {
  cwd: string;
  knobs: Pick<Knobs, 'sensorTimeoutS' | 'sensorMaxBytes'>;
  /** The complete environment, with `TEND_MARK`. */
  env: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  /** Shared by the sensors of a beat. */
  sweep?: Sweep;
}

export interface SensorRun {
  /** In its kept form, see reading.ts. */
  reading: Json;
  durationMs: number;
  /** Bytes that were printed, at most the cap. */
  bytes: number;
  /** We were told to stop: the reading says nothing about the world. */
  aborted: boolean;
}

/** The knob's "0 = no cap of yours" still ends somewhere: what we could not read back is no use. */
const capOf = (knobs: RunSensorDeps['knobs']): number => knobs.sensorMaxBytes || LIMITS.recordBytes;

export async function runSensor(script: SensorScript, deps: RunSensorDeps): Promise<SensorRun> {
  if (script.problem) {
    const reading = failedReading(script.problem.exitCode, script.problem.message, '');
    return { reading: keptReading(reading, withoutIgnore(script.headers)), durationMs: 0, bytes: 0, aborted: false };
  }
  const timeoutS = script.headers.timeoutS ?? deps.knobs.sensorTimeoutS;
  const cap = capOf(deps.knobs);
  const result = await execUnlessBusy({
    argv: script.interpreter === undefined ? [script.file] : [script.interpreter, script.file],
    cwd: deps.cwd,
    env: deps.env,
    timeoutMs: timeoutS * 1000,
    graceMs: GRACE_MS,
    stdoutMaxBytes: cap,
    whenOver: 'kill',
    stderrTailBytes: LIMITS.sensorStderrBytes,
    ...(deps.signal ? { signal: deps.signal } : {}),
    ...(deps.sweep ? { sweep: deps.sweep } : {}),
  });
  return {
    reading: readingOf(result, script, { cap, timeoutS }),
    durationMs: result.durationMs,
    bytes: result.stdout.length,
    aborted: result.aborted,
  };
}

/**
 * ETXTBSY: another process was forked while this script was being written and holds its descriptor for the moment until its
 * own exec. It is over in milliseconds; the script never began, so beginning again repeats nothing.
 */
async function execUnlessBusy(request: ExecRequest): Promise<ExecResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await execBounded(request);
    if (result.problem !== 'ETXTBSY' || attempt === 5) return result;
    await sleep(20 * attempt);
  }
}

/** TERM → KILL for a sensor: it only observes, so it has nothing to bring to an end that takes longer. */
const GRACE_MS = 500;

function readingOf(result: ExecResult, script: SensorScript, limits: { cap: number; timeoutS: number }): Json {
  const fail = (code: number, message: string): Json =>
    keptReading(failedReading(code, message, result.stderrTail), withoutIgnore(script.headers));
  if (result.problem !== undefined) {
    // ENOENT for a file that is there: the interpreter named in its first line is not.
    const why = result.problem === 'ENOENT' ? 'the interpreter in its first line does not exist' : result.problem;
    return fail(result.problem === 'ENOENT' ? 127 : 126, `the sensor cannot be run: ${why}`);
  }
  if (result.over) return keptReading(tooLargeReading(limits.cap), withoutIgnore(script.headers));
  if (result.overStderr)
    return keptReading(tooLoudReading(LIMITS.childStderrBytes, result.stderrTail), withoutIgnore(script.headers));
  if (result.timedOut) return fail(124, `it ran longer than its deadline of ${limits.timeoutS} s and was ended`);
  if (result.exitCode === null) {
    const name = result.signal ?? 'unknown';
    return fail(128 + signalNumber(name), `it was killed by signal ${name}`);
  }
  if (result.exitCode !== 0) return fail(result.exitCode, `it ended with exit code ${result.exitCode}`);
  const output = result.stdout.toString('utf8');
  const parsed = parseReading(output);
  if (parsed.problem !== undefined)
    return keptReading(notJsonReading(parsed.problem, output), withoutIgnore(script.headers));
  return keptReading(parsed.value, script.headers);
}

/** `# tend:ignore=` is about the sensor's own signal; a failure must wake whatever it names. */
const withoutIgnore = (headers: SensorHeaders): SensorHeaders => ({ ...headers, ignore: [] });
