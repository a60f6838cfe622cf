/** Workflows over real files and real children, in this process: a data dir in a temp directory, and what its steps leave behind. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workflow } from '../../../src/model/workflow.js';
import type { RunIdentity } from '../../../src/runs/performer.js';
import { perform } from '../../../src/runs/performers.js';
import { beginRun } from '../../../src/runs/workflow/begin.js';
import type { FlowDeps } from '../../../src/runs/workflow/flow-deps.js';
import { lookAtRun } from '../../../src/runs/workflow/look.js';
import { readWorkflow } from '../../../src/runs/workflow/read-workflow.js';
import { driveRun } from '../../../src/runs/workflow/run-workflow.js';
import type { Disk } from '../../../src/store/disk.js';
import { localDisk } from '../../../src/store/local-disk.js';
import { createWorkflow, newWorkflow } from '../../../src/store/workflows.js';

export type Rig = ReturnType<typeof openRig>;

export function openRig() {
  const base = mkdtempSync(join(tmpdir(), 'tend-f-'));
  for (const dir of ['run', 'home', 'work']) mkdirSync(join(base, dir), { mode: 0o700 });
  const root = join(base, 'data');
  const disk = localDisk(root);
  const work = join(base, 'work');
  const env = { PATH: process.env['PATH'], HOME: join(base, 'home'), XDG_RUNTIME_DIR: join(base, 'run'), WORK: work };
  const deps: FlowDeps = {
    disk,
    profile: { dataDir: root, configPath: join(root, 'config.json'), isDefault: false },
    env,
    bin: '/nonexistent/tend',
    log: () => {},
    perform,
  };
  const never = new AbortController().signal;
  return {
    base,
    work,
    disk,
    deps,
    /** A stored workflow of these steps; the file must be sound. */
    async workflow(steps: object[], more: object = {}): Promise<Workflow> {
      const read = await readWorkflow({
        text: JSON.stringify({ name: `w${Math.random()}`, steps, ...more }),
        home: join(base, 'home'),
      });
      if (!read.draft) throw new Error(read.problems.map(({ message }) => message).join('\n'));
      const workflow = newWorkflow(read.draft, Date.now());
      createWorkflow(disk, workflow);
      return workflow;
    },
    begin: (workflow: Workflow, identity: RunIdentity = {}, timeoutMs?: number, on: Disk = disk) =>
      beginRun(on, { workflow, identity, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
    drive: (
      run: Parameters<typeof driveRun>[1]['run'],
      {
        kind = 'hand',
        signal = never,
        on = disk,
      }: { kind?: 'hand' | 'pulse' | 'attempt'; signal?: AbortSignal; on?: Disk } = {},
    ) => driveRun({ ...deps, disk: on }, { run, kind, signal }),
    look: (id: string) => lookAtRun(disk, id, 'look at'),
    /** Status of each step, in the order of the file. */
    statuses: (id: string) => lookAtRun(disk, id, 'look at').steps.map(({ status }) => status),
    /** Lines that steps wrote with `note`. */
    notes: (): string[] => {
      const path = join(work, 'notes');
      return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    },
    close: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** A step that notes its id, then runs `more`. */
export const step = (id: string, more = 'true', fields: object = {}) => ({
  id,
  target: { type: 'command', shell: true, command: `echo ${id} >> "$WORK/notes"; ${more}` },
  ...fields,
});

/** Resolves when `look` gives something. */
export async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 30_000; ; ) {
    const got = await look();
    if (got) return got;
    if (Date.now() > end) throw new Error('it did not happen within half a minute');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
