/**
 * Drives one run: starts what may start, up to `maxParallel`, until the run is over or waits for a human alone. It decides nothing
 * by memory: after each thing that happened it looks at the files, and `nextSteps` says what follows. Killed anywhere, it leaves
 * files from which the next driver goes on; what has a result is never started again.
 */
import { monotonicMs, now } from '../../host/clock.js';
import type { Owner, RunResult, StepResult, WorkflowRun } from '../../model/workflow-run.js';
import { hasEnded, publishVoid, readResult, readStepFiles, type StepFiles } from '../../store/workflow-runs.js';
import { closeStepAsk, ensureStepAsk, stepAnswer } from './ask-step.js';
import type { StepView } from './derive.js';
import { stepStates, stepViews } from './derive.js';
import { endRun, settleRun } from './finish.js';
import type { FlowDeps } from './flow-deps.js';
import { lookAt } from './look.js';
import { type NextSteps, nextSteps } from './order.js';
import { type OwnerLife, type Ownership, releaseRun, takeRun } from './own.js';
import { claimStart, recordStepEnd, runStep } from './run-step.js';
import { startBrake } from './start-brake.js';
import { mendTelling, tell } from './tell.js';
import { voidDead } from './void-dead.js';

export interface DriveRequest {
  run: WorkflowRun;
  kind: Owner['kind'];
  /** Stops what runs. A run of the pulse goes on later, with the steps that were stopped; any other one is cancelled. */
  signal: AbortSignal;
}

export type Driven =
  | { state: 'ended'; end: RunResult }
  /** For answers to these asks; `until`: when the first of them gives up. */
  | { state: 'waiting'; asks: string[]; until?: number }
  /** Another process drives it. */
  | { state: 'not-claimable'; by: OwnerLife }
  /** A dead driver's step has a living process: it is neither repeated nor ended by us. */
  | { state: 'still-alive'; step: string; pid: number }
  /** Told to stop; it goes on when somebody drives it again. */
  | { state: 'stopped' };

/** How soon a cancel by another process, and an answer, are seen while steps run (loops spec 7.6). */
const LOOK_MS = 500;

/** Becomes the driver of the run and drives it as far as it goes. Throws only when the data dir cannot be used; what ran is stopped then. */
export async function driveRun(deps: FlowDeps, request: DriveRequest): Promise<Driven> {
  const { disk } = deps;
  const { run } = request;
  const over = readResult(disk, run.id);
  if (over.state === 'present') {
    settleRun(disk, run);
    return { state: 'ended', end: over.value };
  }
  const mine = takeRun(disk, run.id, request.kind, now());
  if ('heldBy' in mine) return { state: 'not-claimable', by: mine.heldBy };
  const began = monotonicMs();
  try {
    if (mine.n > 1) {
      const { steps } = lookAt(disk, run);
      mendTelling(disk, { run, steps }, now());
      const alive = voidDead(disk, { run, steps }, 'its driver was gone').alive;
      if (alive) return { state: 'still-alive', step: alive.id, pid: alive.pid };
    }
    return await new Drive(deps, request, mine).toEnd();
  } finally {
    releaseRun(disk, mine, monotonicMs() - began, now());
  }
}

type Stop = 'signal' | 'timeout' | 'ended' | 'broken';

/** The lifetime of one driver: its running steps, and why it stops them. */
class Drive {
  readonly #deps: FlowDeps;
  readonly #request: DriveRequest;
  readonly #mine: Ownership;
  readonly #mayStart: ReturnType<typeof startBrake>;
  readonly #abort = new AbortController();
  readonly #files: (StepFiles | undefined)[] = [];
  readonly #running = new Map<string, Promise<void>>();
  #stop: Stop | undefined;
  #error: unknown;
  #wake: () => void = () => {};

  constructor(deps: FlowDeps, request: DriveRequest, mine: Ownership) {
    this.#deps = deps;
    this.#request = request;
    this.#mine = mine;
    this.#mayStart = startBrake(deps, request.run.id);
  }

  async toEnd(): Promise<Driven> {
    const { signal, run } = this.#request;
    const onSignal = () => this.#halt('signal');
    signal.addEventListener('abort', onSignal, { once: true });
    const looks = setInterval(() => this.#look(), LOOK_MS);
    const left = run.timeoutMs === undefined ? undefined : Math.max(0, run.timeoutMs - this.#mine.activeMsBefore);
    // Beyond 24 days a timer of Node fires at once.
    const timer = left === undefined ? undefined : setTimeout(() => this.#halt('timeout'), Math.min(left, 2 ** 31 - 1));
    if (signal.aborted) onSignal();
    try {
      for (;;) {
        const driven = this.#stop ? await this.#stopped(this.#stop) : await this.#step();
        if (driven) return driven;
      }
    } catch (error) {
      this.#halt('broken');
      await Promise.allSettled(this.#running.values());
      throw error;
    } finally {
      clearInterval(looks);
      clearTimeout(timer);
      signal.removeEventListener('abort', onSignal);
    }
  }

  #halt(why: Stop): void {
    this.#stop ??= why;
    this.#abort.abort();
    this.#wake();
  }

  #look(): void {
    if (hasEnded(this.#deps.disk, this.#request.run.id)) this.#halt('ended');
    else this.#wake();
  }

  /** Does what is next, or waits until something happened. */
  async #step(): Promise<Driven | undefined> {
    const { disk } = this.#deps;
    const { run } = this.#request;
    if (hasEnded(disk, run.id)) {
      this.#halt('ended');
      return undefined;
    }
    const asked = await this.#takeAnswers();
    const steps = this.#views();
    const next = nextSteps(run.workflow, stepStates(steps));
    this.#passOver(next, steps);
    if (next.end) {
      const end = endRun(disk, run, next.end);
      if (end) return { state: 'ended', end };
    }
    let held = 0;
    for (const id of next.start) {
      const view = steps.find((step) => step.id === id)!;
      if (!(await this.#mayStart(run.workflow.steps[view.index]!))) held += 1;
      else if (!this.#stop) await this.#start(view);
    }
    if (next.start.length - held + next.skip.length + next.withdraw.length > 0) return undefined;
    if (this.#running.size + held > 0) await this.#happening();
    else if (asked.waiting.length > 0) return { state: 'waiting', asks: asked.waiting, ...asked.until };
    else throw new Error(`workflow run ${run.id} neither ends nor goes on`);
    if (this.#error !== undefined) throw this.#error;
    return undefined;
  }

  /** Every step as the files have it; we alone write them, so each is read again only after we did. */
  #views(): StepView[] {
    const { run } = this.#request;
    for (const index of run.workflow.steps.keys()) this.#files[index] ??= readStepFiles(this.#deps.disk, run.id, index);
    return stepViews(run, this.#files as StepFiles[], { state: 'absent' });
  }

  #passOver({ skip, withdraw }: NextSteps, steps: readonly StepView[]): void {
    const { run } = this.#request;
    for (const { id, reason } of [...skip, ...withdraw]) {
      const view = steps.find((step) => step.id === id)!;
      const waits = view.status === 'waiting';
      if (waits && view.ask !== undefined) closeStepAsk(this.#deps.disk, view.ask, reason, now());
      const at = { run: run.id, step: view.index, n: waits ? view.n : view.n + 1 };
      this.#record(view, at.n, { status: 'skipped', error: reason, finishedAt: new Date(now()).toISOString() });
    }
  }

  #record(
    view: StepView,
    n: number,
    end: Pick<StepResult, 'status' | 'finishedAt' | 'error'> & { stdout?: string },
  ): void {
    const { run } = this.#request;
    recordStepEnd(
      this.#deps.disk,
      { run, at: { run: run.id, step: view.index, n } },
      { stdout: '', stderr: '', ...end },
    );
    this.#files[view.index] = undefined;
  }

  async #start(view: StepView): Promise<void> {
    const { run } = this.#request;
    const step = run.workflow.steps[view.index]!;
    const at = { run: run.id, step: view.index, n: view.n + 1 };
    this.#files[view.index] = undefined;
    const request = {
      run,
      step,
      at,
      owner: this.#mine.token,
      signal: this.#abort.signal,
      onAbort: () => this.#abortedEnd(),
    };
    if (step.target.type === 'ask') {
      claimStart(this.#deps.disk, request);
      await this.#ensureAsk(view, at.n);
      return;
    }
    const work = runStep(this.#deps, request)
      .catch((error: unknown) => {
        // A step whose end could not be written: nothing more is started on that disk.
        this.#error ??= error;
        this.#halt('broken');
      })
      .finally(() => {
        this.#running.delete(step.id);
        this.#files[view.index] = undefined;
        this.#wake();
      });
    this.#running.set(step.id, work);
  }

  async #ensureAsk(view: StepView, n: number): Promise<string> {
    const { run } = this.#request;
    const step = run.workflow.steps[view.index]!;
    const ask = await ensureStepAsk(this.#deps.disk, run, { step, at: { run: run.id, step: view.index, n } }, now());
    tell(this.#deps.disk, run.id, { type: 'step_waiting', step: step.id, start: n, payload: { ask } }, now());
    this.#files[view.index] = undefined;
    return ask;
  }

  /** Turns ended asks into ends of their steps. Returns those that still wait. */
  async #takeAnswers(): Promise<{ waiting: string[]; until: { until?: number } }> {
    const { disk } = this.#deps;
    const { run } = this.#request;
    const waiting: string[] = [];
    let until = Number.POSITIVE_INFINITY;
    for (const view of this.#views().filter(({ status }) => status === 'waiting')) {
      const step = run.workflow.steps[view.index]!;
      if (view.ask === undefined) {
        waiting.push(await this.#ensureAsk(view, view.n));
        continue;
      }
      const startedAt = Date.parse(view.startedAt ?? run.startedAt);
      const answer = await stepAnswer(disk, { step, ask: view.ask, startedAt }, now());
      if (answer.state === 'waiting') {
        waiting.push(view.ask);
        until = Math.min(until, answer.until ?? until);
      } else if (answer.state === 'gone') {
        publishVoid(disk, { run: run.id, step: view.index, n: view.n }, `ask ${view.ask} was taken away`, now());
        this.#files[view.index] = undefined;
      } else {
        const { state: _state, ...end } = answer;
        this.#record(view, view.n, { ...end, finishedAt: new Date(now()).toISOString() });
      }
    }
    return { waiting, until: Number.isFinite(until) ? { until } : {} };
  }

  /** Until a step ended, or it is time to look whether somebody cancelled or answered. */
  #happening(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = () => {};
        resolve();
      };
    });
  }

  /** What an abort makes of a running step. */
  #abortedEnd(): Pick<StepResult, 'status' | 'error'> | undefined {
    if (this.#stop === 'timeout')
      return { status: 'timed_out', error: `timed out after ${this.#request.run.timeoutMs}ms` };
    return undefined;
  }

  async #stopped(why: Stop): Promise<Driven> {
    const { disk } = this.#deps;
    const { run, kind } = this.#request;
    await Promise.allSettled(this.#running.values());
    if (this.#error !== undefined) throw this.#error;
    if (why === 'signal' && kind === 'pulse') {
      voidDead(disk, { run, steps: lookAt(disk, run).steps }, 'the pulse was told to stop');
      return { state: 'stopped' };
    }
    const end =
      why === 'timeout'
        ? endRun(disk, run, { status: 'timed_out', error: `timed out after ${run.timeoutMs}ms` })
        : why === 'signal'
          ? endRun(disk, run, { status: 'cancelled', error: 'cancelled' })
          : settleRun(disk, run);
    if (end) return { state: 'ended', end };
    throw new Error(`workflow run ${run.id}: its end cannot be read`);
  }
}
