/** What `dying-fs.ts` is told by the environment variable `CRASH_PLAN`, as JSON. */
export interface CrashPlan {
  /** The data dir: steps elsewhere are no points. */
  root: string;
  /** First words of the command lines that it holds for (`__pulse`, `goal write`); children inherit the plan. */
  programs: string[];
  /** File that gets the name of each point that was passed, one to a line. */
  trace: string;
  /** The point to die at, by its name and which of that name it is. Absent: a dry run. */
  die?: { name: string; nth: number };
}
