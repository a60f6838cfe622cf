/**
 * A workflow file → what is to be kept of it, or every problem at once, each with its path. Pure: the text and the home directory
 * come in as values, nothing is looked at or stored.
 */

import { parseDataText } from '../../lib/data-text.js';
import { isObject } from '../../lib/json.js';
import { LIMITS } from '../../model/limits.js';
import type { ObjectiveConfig } from '../../model/loop.js';
import type { Step, Workflow } from '../../model/workflow.js';
import {
  type Fields,
  type Finding,
  type Findings,
  knownKeys,
  noFindings,
  optionalBoolean,
  optionalCount,
  optionalText,
  optionalTexts,
  present,
  requiredText,
  shown,
  wrong,
} from './findings.js';
import { findCycle } from './order.js';
import { readObjective } from './read-objective.js';
import { readAccount, readTarget } from './read-target.js';

/** A larger file is no workflow that a person wrote (loops spec 7.1). */
export const WORKFLOW_BYTES_MAX = 1_048_576;
/** More places at once than a machine has cores is no speed. */
export const PARALLEL_MAX = 16;
/** Every step of a run is files of its own; a thousand is a program that writes steps. */
export const STEPS_MAX = 1_000;

/** What a file says, before it has an id and dates. */
export type WorkflowDraft = Pick<Workflow, 'name' | 'description' | 'version' | 'goal' | 'maxParallel' | 'steps'>;

export interface WorkflowText {
  text: string;
  /** From the file's name. */
  kind?: 'json' | 'yaml';
  /** In place of the name in the file. */
  name?: string;
  home: string;
  /** Unknown keys are problems. */
  strict?: boolean;
}

export type WorkflowRead =
  | { draft: WorkflowDraft; problems?: never; warnings: Finding[] }
  | { draft?: never; problems: Finding[]; warnings: Finding[] };

/** Never throws. Problems are in the order of the file's parts: the file, its head, its steps, the graph. */
export async function readWorkflow(source: WorkflowText): Promise<WorkflowRead> {
  const found = noFindings();
  const root = await rootOf(source, found);
  const draft = root ? readRoot(root, source, found) : undefined;
  if (source.strict) found.problems.push(...found.warnings.splice(0));
  if (!draft || found.problems.length > 0) return { problems: found.problems, warnings: found.warnings };
  return { draft, warnings: found.warnings };
}

async function rootOf({ text, kind }: WorkflowText, found: Findings): Promise<Record<string, unknown> | undefined> {
  const bytes = Buffer.byteLength(text);
  if (bytes > WORKFLOW_BYTES_MAX) {
    wrong(found, 'workflow file', `it has ${bytes} bytes, ${WORKFLOW_BYTES_MAX} at most`);
    return undefined;
  }
  const parsed = await parseDataText(text, kind);
  if (parsed.problem !== undefined) wrong(found, 'workflow file', parsed.problem);
  else if (!isObject(parsed.value)) wrong(found, 'workflow file', `${shown(parsed.value)}, an object is wanted`);
  else return parsed.value;
  return undefined;
}

const KEYS = ['name', 'description', 'version', 'goal', 'maxParallel', 'steps'];

function readRoot(root: Record<string, unknown>, source: WorkflowText, found: Findings): WorkflowDraft | undefined {
  const fields: Fields = { path: 'workflow', value: root, found };
  knownKeys(found, 'workflow', root, KEYS);
  const name = source.name === undefined ? requiredText(fields, 'name') : named(source.name, found);
  if (name !== undefined && name.length > LIMITS.nameChars)
    wrong(found, 'workflow.name', `${name.length} characters, at most ${LIMITS.nameChars} are allowed`);
  const goal = readObjective(fields);
  const version = typeof root['version'] === 'number' && Number.isFinite(root['version']) ? root['version'] : 1;
  const description = typeof root['description'] === 'string' ? root['description'] : undefined;
  const maxParallel = optionalCount(fields, 'maxParallel', { max: PARALLEL_MAX }) ?? 1;
  const steps = readSteps(fields, source.home);
  refuseNested(goal, steps, found);
  if (name === undefined || steps.length === 0) return undefined;
  return present({ name, description, version, goal, maxParallel, steps }) as WorkflowDraft;
}

function named(name: string, found: Findings): string | undefined {
  if (name.trim() !== '') return name.trim();
  wrong(found, 'workflow.name', '--name is blank, text that is not blank is wanted');
  return undefined;
}

function readSteps(fields: Fields, home: string): Step[] {
  const { value, found } = fields;
  const given = value['steps'];
  const path = 'workflow.steps';
  if (!Array.isArray(given) || given.length === 0 || given.length > STEPS_MAX) {
    const what = Array.isArray(given) ? `it has ${given.length} entries` : shown(given);
    wrong(found, path, `${what}, an array of 1 to ${STEPS_MAX} steps is wanted`);
    return [];
  }
  const steps = given.map((step: unknown, index) => {
    const at = `${path}[${index}]`;
    if (isObject(step)) return readStep({ path: at, value: step, found }, home);
    wrong(found, at, `${shown(step)}, an object is wanted`);
    return undefined;
  });
  checkGraph(steps, found);
  return steps.flatMap((step) => (step?.target ? [{ ...step, target: step.target }] : []));
}

const STEP_KEYS = [
  ...['id', 'name', 'description', 'target', 'dependsOn', 'continueOnFailure'],
  ...['timeoutMs', 'account', 'goal'],
];
/** Ids stand in names of variables' values, lines and paths of messages. */
const STEP_ID = /^[A-Za-z0-9_.-]{1,64}$/;

type ReadStep = Omit<Step, 'target'> & { target: Step['target'] | undefined };

function readStep(fields: Fields, home: string): ReadStep {
  const { path, value, found } = fields;
  knownKeys(found, path, value, STEP_KEYS);
  const id = requiredText(fields, 'id');
  if (id !== undefined && !STEP_ID.test(id))
    wrong(found, `${path}.id`, `${shown(id)}, 1 to 64 of letters, digits and . _ - are wanted`);
  const target = readTarget(fields, home);
  const step = {
    id: id ?? '',
    name: optionalText(fields, 'name'),
    description: optionalText(fields, 'description'),
    target,
    dependsOn: [...new Set(optionalTexts(fields, 'dependsOn') ?? [])],
    continueOnFailure: optionalBoolean(fields, 'continueOnFailure') ?? false,
    timeoutMs: optionalCount(fields, 'timeoutMs'),
    account: readAccount(fields, target?.type === 'ask' ? undefined : target?.type),
    goal: readObjective(fields),
  };
  if (target?.type === 'ask' && value['account'] !== undefined)
    wrong(found, `${path}.account`, 'a step that asks a human has no account');
  if (target?.type === 'ask' && value['goal'] !== undefined)
    wrong(found, `${path}.goal`, 'a step that asks a human has no goal');
  return present(step) as ReadStep;
}

function checkGraph(steps: readonly (ReadStep | undefined)[], found: Findings): void {
  const seen = new Map<string, number>();
  for (const [index, step] of steps.entries()) {
    if (!step || step.id === '') continue;
    const first = seen.get(step.id);
    if (first === undefined) seen.set(step.id, index);
    else wrong(found, `workflow.steps[${index}].id`, `duplicate id ${JSON.stringify(step.id)}, step ${first} has it`);
  }
  for (const [index, step] of steps.entries()) {
    const path = `workflow.steps[${index}].dependsOn`;
    for (const id of step?.dependsOn ?? []) {
      if (id === step?.id) wrong(found, path, `step ${JSON.stringify(id)} cannot depend on itself`);
      else if (!seen.has(id)) wrong(found, path, `missing step ${JSON.stringify(id)}`);
    }
  }
  const cycle = findCycle(steps.filter((step) => step !== undefined));
  if (cycle) wrong(found, 'workflow.steps', `cycle: ${cycle.join(' → ')}`);
}

/** An objective runs what it wraps once for each of its nodes: one within another has no end. */
function refuseNested(goal: ObjectiveConfig | undefined, steps: readonly Step[], found: Findings): void {
  if (!goal) return;
  for (const [index, step] of steps.entries())
    if (step.goal) wrong(found, `workflow.steps[${index}].goal`, 'nested goals: the workflow has a goal of its own');
}
