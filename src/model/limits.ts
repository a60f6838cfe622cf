/**
 * Every limit in one table, with the reason for its number (what a user may turn is in
 * knobs.ts). Sizes in characters are UTF-16 units, in bytes are UTF-8.
 */
export const LIMITS = {
  /** A journal line: longer ones are prose that belongs into reports/. */
  journalLineChars: 500,
  /** Shell text of one move: Linux allows 131,071 bytes in one argument; four bytes a character, `bash -c` in front. */
  commandChars: 30_000,
  /** A goal, sensor or PLAYBOOK body in a move: twice what the prompt shows whole. */
  policyChars: 65_536,
  /** A worker's brief. */
  briefChars: 131_072,
  /** A tell is one instruction. */
  tellChars: 8_192,
  /** A path in a move: PATH_MAX of Linux. */
  pathChars: 4_096,
  /** An ask's prompt and an answer: a screenful, many times over. */
  askChars: 65_536,
  answerChars: 262_144,
  askOptions: 20,
  /** Unanswered asks of one asker: more is a program in a loop, and it would bury what the others want of the human. */
  asksPerAsker: 100,
  /** The name of a loop or a workflow: it stands in each row of its runs, which a screen lists by the fifty. */
  nameChars: 1_000,
  /** Below a minute a schedule is a busy loop. */
  schedulePeriodMinS: 60,
  /** Any record or policy file we read whole: beyond it the file is "unreadable: too large". */
  recordBytes: 4 * 1024 * 1024,
  /** Attempts to allocate an ask id when others allocate at the same moment. */
  idAttempts: 1_000,
  /** Prompt clips, in characters (specs/looop.md 8). */
  promptPlaybookChars: 16_384,
  promptGoalChars: 8_192,
  promptAskChars: 2_048,
  promptDiffValueChars: 240,
  promptDiffLines: 200,
  promptFailureChars: 2_048,
  promptShellCommandChars: 512,
  /** Journal lines shown in prompt and state; in the text form of state. */
  journalTail: 20,
  /** Most journal lines that one call prints: two generations of the journal hold about this many. */
  journalLines: 10_000,
  journalTailText: 3,
  /** Output kept of a shell move or a verify for the next prompt and the record. */
  outputTailBytes: 2_048,
  /** Stderr kept of a failing sensor. */
  sensorStderrBytes: 1_024,
  /** Lines of a sensor script that are searched for `# tend:` headers. */
  sensorHeaderLines: 20,
  /** Longest deadline that a sensor may name for itself: the beat waits for it. */
  sensorTimeoutMaxS: 3_600,
  /** Sensors that are run; more than this is a loop that writes files, not a set of observers. */
  sensorsMax: 1_000,
  /** Nesting of a reading: far beyond any real one, far below the stack of whoever walks it. */
  readingDepth: 100,
  /** Output of a sensor that is no JSON, as shown. */
  readingClipChars: 1_000,
  /** Output of one decider run kept for replay; the final message is looked for in its end. */
  runOutputBytes: 8 * 1024 * 1024,
  /** Stderr of a run, its end: it is chatter, and its last screenfuls hold the start-up error when there is one. */
  runStderrBytes: 16_384,
  /** Backoff after failed beats: base doubles up to the cap; long waits hid provider recovery (looop #114). */
  backoffBaseS: 60,
  backoffCapS: 300,
  /** Before a further call within one beat: four times as long each time. */
  retryPauseMs: 2_000,
  retryPauseMaxMs: 32_000,
  /** A call that failed after this has retried by itself, or cost too much to be repeated at once. */
  retryWithinMs: 5_000,
  /** Longest wait for a time that a provider names: a day's quota is renewed within one, and a wrong date must not stop us for long. */
  quotaWaitS: 86_400,
  /** Assumed fails when the backoff record cannot be read. */
  backoffCorruptFails: 4,
  /** Output of one shell move: past it the command is stopped. Far above any log that somebody reads, far below a disk. */
  shellOutputBytes: 64 * 1024 * 1024,
  /**
   * Stderr of one sensor, decider or verify; past it the process is ended. Only its end is kept, but whoever prints without end
   * would have the pulse read for as long as its deadline is away.
   */
  childStderrBytes: 64 * 1024 * 1024,
  /** How long a supervisor may take to begin before its run is given up: a loaded machine, many times over. */
  shellStartMs: 30_000,
  /** A shell move's follow-up beat, so that the decider sees the output soon. */
  shellFollowUpS: 5,
  nextIntervalMinS: 5,
  /** How often a decider may resume one worker: what is cut that often is cut by its own doing, and each time costs. */
  workerResumes: 3,
  /** Pty geometry of workers. */
  ptyColumns: 80,
  ptyRows: 24,
  /** TERM → KILL grace for workers, deciders and shell moves. */
  stopGraceMs: 5_000,
  /** Backstop poll of the pulse's watchers: a lost file event costs at most this. */
  pollMs: 2_000,
} as const;
