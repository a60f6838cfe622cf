/**
 * `workflows/<id>.json` and `workflows/names/<hash of the name>.json`: checked workflows, at most one active of a name. The name
 * record is published first and says which id the name has; a workflow is active when its own record says so and its name record
 * points to it. Neither is ever deleted for the other's sake.
 */
import { hash32, nonce } from '../lib/hash.js';
import { refused } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import { FORMAT } from '../model/record.js';
import { type Workflow, workflowSchema } from '../model/workflow.js';
import { jsonRecord, type Loaded, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

const DIR = 'workflows';
export const workflowKey = (id: string): string => `${DIR}/${id}.json`;
const nameKey = (name: string): string => `${DIR}/names/${hash32(name)}.json`;
const ID = /^[0-9a-f]{12}$/;

export type WorkflowDraft = Omit<Workflow, 'format' | 'id' | 'status' | 'createdAt' | 'updatedAt'>;

/** The draft as a workflow with an id of its own, not stored yet. */
export function newWorkflow(draft: WorkflowDraft, now: Instant): Workflow {
  const at = new Date(now).toISOString();
  return { ...draft, format: FORMAT, id: nonce(6), status: 'active', createdAt: at, updatedAt: at };
}

/**
 * Stores it as the one active workflow of its name. Throws `name-taken` when another is active. The spec comes first, so a name
 * never points to nothing; one that a death left without its name is made active by nobody and shown as archived.
 */
export function createWorkflow(disk: Disk, workflow: Workflow): void {
  const holder = activeId(disk, workflow.name);
  if (holder !== undefined) throw nameTaken(workflow.name, holder);
  disk.publish(workflowKey(workflow.id), jsonRecord(workflow));
  if (takeName(disk, workflow)) return;
  disk.remove(workflowKey(workflow.id));
  throw nameTaken(workflow.name, activeId(disk, workflow.name) ?? 'another');
}

const nameTaken = (name: string, id: string) =>
  refused(
    'name-taken',
    `Cannot create workflow ${JSON.stringify(name)}: workflow ${id} of that name is active`,
    `tend workflows archive ${id}`,
  );

/** True for one of many; a name whose workflow is archived or gone is free. */
function takeName(disk: Disk, { id, name }: Workflow): boolean {
  const text = jsonRecord({ id, name });
  if (disk.publish(nameKey(name), text)) return true;
  const before = disk.read(nameKey(name));
  if (before.state === 'unreadable')
    throw cannotRead(disk, `take the name "${name}"`, { key: nameKey(name), reason: before.reason });
  if (before.state === 'absent') return disk.publish(nameKey(name), text);
  return activeId(disk, name) === undefined && disk.replaceIfEqual(nameKey(name), before.text, text);
}

/** Id of the active workflow of a name. */
function activeId(disk: Disk, name: string): string | undefined {
  const read = disk.read(nameKey(name));
  if (read.state === 'unreadable')
    throw cannotRead(disk, `look up the workflow "${name}"`, { key: nameKey(name), reason: read.reason });
  const id = read.state === 'present' ? /"id": "([0-9a-f]{12})"/.exec(read.text)?.[1] : undefined;
  const held = id === undefined ? undefined : readWorkflowRecord(disk, id);
  return held?.state === 'present' && held.value.status === 'active' && held.value.name === name ? id : undefined;
}

export const readWorkflowRecord = (disk: Disk, id: string): Loaded<Workflow> =>
  ID.test(id) ? readJson(disk, workflowKey(id), workflowSchema) : { state: 'absent' };

export interface WorkflowList {
  /** By name, then the oldest first. */
  workflows: Workflow[];
  problems: { id: string; reason: string }[];
}

/** One that somebody died in creating has no name: it was never active. */
const asNamed = (disk: Disk, workflow: Workflow): Workflow =>
  workflow.status === 'active' && activeId(disk, workflow.name) !== workflow.id
    ? { ...workflow, status: 'archived' }
    : workflow;

/** Every workflow, the archived ones too; what cannot be read is in `problems`. */
export function readWorkflows(disk: Disk): WorkflowList {
  const listed = disk.list(DIR);
  if (listed.state === 'unreadable') throw cannotRead(disk, 'list "workflows"', { key: DIR, reason: listed.reason });
  const list: WorkflowList = { workflows: [], problems: [] };
  for (const name of listed.state === 'present' ? listed.names : []) {
    const id = name.replace(/\.json$/, '');
    if (!ID.test(id)) continue;
    const read = readWorkflowRecord(disk, id);
    if (read.state === 'present') list.workflows.push(asNamed(disk, read.value));
    else if (read.state !== 'absent') list.problems.push({ id, reason: read.reason });
  }
  const rank = (w: Workflow) => `${w.name}\0${w.createdAt}\0${w.id}`;
  list.workflows.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return list;
}

/**
 * By id, then by name: the active one, else for reading the newest archived one. `for: 'change'` refuses (`ambiguous`) where only
 * several archived ones have the name. Throws `no-workflow` when there is none.
 */
export function findWorkflow(disk: Disk, word: string, use: 'read' | 'change', doing: string): Workflow {
  const byId = readWorkflowRecord(disk, word);
  if (byId.state === 'present') return byId.value;
  if (byId.state !== 'absent')
    throw cannotRead(disk, `${doing} workflow "${word}"`, { key: workflowKey(word), reason: byId.reason });
  const named = readWorkflows(disk).workflows.filter(({ name }) => name === word);
  const active = named.find(({ status }) => status === 'active');
  const found = active ?? named.at(-1);
  if (!found)
    throw refused(
      'no-workflow',
      `Cannot ${doing} workflow ${JSON.stringify(word)}: there is none of that id or name`,
      'tend workflows list',
    );
  if (!active && use === 'change' && named.length > 1)
    throw refused(
      'ambiguous',
      `Cannot ${doing} workflow ${JSON.stringify(word)}: ${named.map(({ id }) => id).join(', ')} have that name`,
      'tend workflows list --status archived',
    );
  return found;
}

/** Archives it: its name is free, loops that name its id go on. Returns the record; archived already is fine. */
export function archiveWorkflow(disk: Disk, id: string, now: Instant): Workflow {
  for (;;) {
    const read = readWorkflowRecord(disk, id);
    if (read.state !== 'present')
      throw cannotRead(disk, `archive workflow "${id}"`, {
        key: workflowKey(id),
        reason: read.state === 'absent' ? 'there is no such file' : read.reason,
      });
    if (read.value.status === 'archived') return read.value;
    const archived: Workflow = { ...read.value, status: 'archived', updatedAt: new Date(now).toISOString() };
    if (disk.replaceIfEqual(workflowKey(id), read.text, jsonRecord(archived))) return archived;
  }
}
