/** Kind → what it does. The one place that knows all kinds; loaded one by one, so a verb pays for its own kind alone. */
import type { Action } from '../model/move.js';
import type { MoveKind } from './move-kind.js';

const MOVES: { readonly [A in Action]: () => Promise<MoveKind<A>> } = {
  noop: async () => (await import('./moves/noop.js')).noop,
  run_shell: async () => (await import('./moves/run-shell.js')).runShell,
  write_goal: async () => (await import('./moves/write-goal.js')).writeGoal,
  archive_goal: async () => (await import('./moves/archive-goal.js')).archiveGoalMove,
  write_sensor: async () => (await import('./moves/write-sensor.js')).writeSensor,
  remove_sensor: async () => (await import('./moves/remove-sensor.js')).removeSensor,
  write_playbook: async () => (await import('./moves/write-playbook.js')).writePlaybook,
  start_worker: async () => (await import('./moves/start-worker.js')).startWorkerMove,
  resume_worker: async () => (await import('./moves/resume-worker.js')).resumeWorkerMove,
  kill_worker: async () => (await import('./moves/kill-worker.js')).killWorker,
  tell_worker: async () => (await import('./moves/tell-worker.js')).tellWorker,
  ask_human: async () => (await import('./moves/ask-human.js')).askHuman,
  write_schedule: async () => (await import('./moves/write-schedule.js')).writeScheduleMove,
  drop_schedule: async () => (await import('./moves/drop-schedule.js')).dropSchedule,
};

/** The kind of a move. */
export const kindOf = <A extends Action>(action: A): Promise<MoveKind<A>> => MOVES[action]();
