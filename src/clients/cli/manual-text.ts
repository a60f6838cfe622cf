/** The words of the manual that no verb's file holds: groups, recipes, environment, files, exit codes. */
import type { Verb } from '../../contract/verb.js';

/** Groups in the order of the manual. */
export const GROUPS: readonly { group: Verb['group']; title: string }[] = [
  { group: 'start', title: 'Start and stop' },
  { group: 'see', title: 'See what is going on' },
  { group: 'human', title: 'Answer' },
  { group: 'steer', title: 'Steer' },
  { group: 'loops', title: 'Timed loops and workflows' },
  { group: 'fleet', title: 'Workers by hand' },
  { group: 'worker', title: 'For workers' },
  { group: 'other', title: 'Other' },
];

export const INTRO: readonly string[] = [
  'It tends your goals. A small resident process, the pulse, senses the world through sensors/*.sh, and only when something that matters changed it asks a model for one typed move, which tend itself executes. It stops for a human in two ways: you steer whenever you like by editing goals and the PLAYBOOK, and you answer when it asks.',
  'Every verb can be written "tend VERB" and "tend _ VERB". stdout carries only the answer of a verb; messages go to stderr. "--" ends the flags, and a lone "-" as a text means stdin.',
];

/**
 * Ways of use that need more than one verb. A recipe is shown when all its verbs exist; the test parses every line with the
 * real parser, so a flag that is gone breaks the build and not the reader.
 */
export const RECIPES: readonly { title: string; lines: readonly { line: string; about: string }[] }[] = [
  {
    title: 'Recipe: be the human, or an agent that helps one',
    lines: [
      {
        line: 'tend wait --only-asks --json',
        about: 'subscribe: sleeps until there is a question, costs nothing meanwhile',
      },
      { line: 'tend asks', about: 'read the open questions, oldest first' },
      {
        line: 'tend answer api-1 yes',
        about: 'answer one; an irreversible act needs an explicit yes of the human, never a guess',
      },
      { line: 'tend state', about: 'see the goals, workers, readings and the journal at a glance' },
    ],
  },
  {
    title: 'Recipe: steer',
    lines: [
      { line: 'tend goal write docs "Keep the docs true to the code"', about: 'a new goal, seen at the next beat' },
      {
        line: 'tend playbook write -',
        about: 'replace the policy by what comes on stdin; the old one stays in history',
      },
      { line: 'tend tell api "use the staging database"', about: 'an instruction to a running worker' },
    ],
  },
  {
    title: 'Recipe: notify',
    lines: [
      {
        line: 'tend asks --json',
        about: 'in a loop behind "tend wait": push each ask once, with its id, so that the answer can name it',
      },
    ],
  },
  {
    title: 'Recipe: inside a worker',
    lines: [
      { line: 'tend ask --prompt "Refund all three?" --options refund,hold', about: 'blocks, prints the answer' },
      { line: 'tend claim api-repo', about: 'take what only one may touch at a time' },
      { line: 'tend told', about: 'read what the human told you meanwhile' },
    ],
  },
];

/** Variables that are no knob: [name, meaning]. Knobs come from model/knobs.ts. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  [
    'TEND_DATA_DIR',
    'data dir, a whole profile with its own config.json; default $XDG_STATE_HOME/tend or ~/.local/state/tend',
  ],
  [
    'TEND_CONFIG',
    'config file; default config.json in a named data dir, else tend/config.json in $XDG_CONFIG_HOME or ~/.config',
  ],
  ['TEND_LOG_FORMAT', 'json: log lines of the pulse as one JSON object each'],
  ['NO_COLOR', 'no colour on terminals'],
];

/** Variables that tend sets for what it starts: sensors, decisions, shell moves, workers. */
export const CHILD_ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['TEND_BIN', 'absolute path of tend'],
  ['TEND_DATA_DIR', 'absolute path of the data dir'],
  ['TEND_CONFIG', 'absolute path of the config file'],
  ['TEND_REPORTS_DIR', 'where reports go'],
  ['TEND_LEASES_DIR', 'where leases lie; use the verbs'],
  ['TEND_SESSION_ID', 'who the process is: a worker id, decider, sensor or shell'],
  ['TEND_DECISION_FILE', 'decisions only: a file the move may be written to'],
];

export const FILES: readonly (readonly [string, string])[] = [
  ['PLAYBOOK.md', 'policy: how to decide'],
  ['goals/ID.md', 'desired state, Markdown with front matter; goals/archive/ keeps the done ones'],
  ['sensors/NAME.sh', 'observers, one JSON object on stdout; header lines "# tend:interval=" and "# tend:timeout="'],
  ['snapshots/NAME.json', 'the last readings: signal wakes, detail informs'],
  ['asks/ID.md, answers/ID.md', 'the mailbox'],
  ['tells/', 'steering on its way to workers'],
  ['workers/ID/', 'desired state, status, transcript of a worker'],
  ['leases/', 'claims of shared resources'],
  ['schedules/', 'timed wakes'],
  ['history/', 'the previous versions of every policy file'],
  ['runs/', 'the ledger: every run with its prompt, output and decision'],
  ['journal.md', 'one line per move'],
  ['quarantine/', 'records that could not be read, kept for you'],
];

/** The codes of model/error.ts; verbs name the further ones they use. */
export const EXITS: readonly (readonly [string, string])[] = [
  ['0', 'done'],
  ['1', 'understood and refused, or tried and failed'],
  ['2', 'bad input: unknown verb or flag, missing or malformed value'],
  ['3', 'the machine or the data dir: disk full, no permission, newer format'],
  ['70', 'a bug in tend, with its stack'],
  ['124', 'a wait ran out'],
  ['130', 'aborted by you'],
];
