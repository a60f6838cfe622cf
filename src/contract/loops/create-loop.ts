/** A loop made of a command line: checked whole before anything is stored, so that it exists complete or not at all. */

import { now } from '../../host/clock.js';
import { selfIdentity } from '../../host/process-identity.js';
import { startDirProblem } from '../../host/start-dir.js';
import { hostZone } from '../../host/zone.js';
import { clip } from '../../lib/clip.js';
import { nonce } from '../../lib/hash.js';
import { prettyJson } from '../../lib/json.js';
import { TendError } from '../../model/error.js';
import type { Instant } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import type { LoopSpec, LoopState, Target } from '../../model/loop.js';
import { loopSpecProblem } from '../../model/loop-check.js';
import { FORMAT } from '../../model/record.js';
import { createState } from '../../runs/rules/life.js';
import { slotAfter } from '../../runs/rules/timing.js';
import type { Disk } from '../../store/disk.js';
import { createLoop, findLoop } from '../../store/loops.js';
import type { Context, VerbInput, VerbResult } from '../verb.js';
import { inLine, publicSpec } from '../views/loops.js';
import { type Given, rulesOf, wrong } from './create-flags.js';

/** Times that a dry run shows. */
const FIRES = 5;

export interface Creation {
  /** Checked target of the loop; may read what the flags name. */
  target(given: Given): Target | Promise<Target>;
  /** First words of the answer, and what stands behind the name. */
  words?: { head: string; tail: string };
}

/** Given what was typed: everything that a refusal needs. */
export function givenOf({ args, flags }: VerbInput): Given {
  const name = args['name'] ?? '';
  return {
    flags,
    what: `Cannot create loop ${JSON.stringify(clip(name, SHOWN_CHARS))}`,
    host: selfIdentity().host,
    zone: hostZone(),
  };
}

/** The whole verb. `made.target` is asked first, since it says best what is missing. */
export async function createFrom(input: VerbInput, context: Context, made: Creation): Promise<VerbResult> {
  const given = givenOf(input);
  const at = now();
  const spec: LoopSpec = {
    format: FORMAT,
    id: nonce(6),
    name: input.args['name'] ?? '',
    ...rulesOf(given),
    target: await made.target(given),
    createdAt: new Date(at).toISOString(),
  };
  requireSound(given, spec);
  const state = createState(spec, at, given.zone, by());
  const json = publicSpec(spec, state);
  warnOfFlaws(context, spec, state);
  if (input.flags['dry-run'] === true) return dryRun({ json, fires: firesOf(spec, state, given.zone), spec });
  warnOfNamesakes(context, spec);
  store(context.disk, spec, state);
  const { head, tail } = made.words ?? { head: 'created loop', tail: '' };
  const text = `${head} ${spec.id} (${inLine(spec.name)})${tail} next=${state.nextRunAt ?? '-'}`;
  return { text, json };
}

/** Enough of a name to know it again in a message. */
const SHOWN_CHARS = 300;

/** Why a loop cannot be named so, said of its name; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'is blank';
  const { length } = name;
  return length > LIMITS.nameChars ? `has ${length} characters, ${LIMITS.nameChars} at most are allowed` : undefined;
}

/** Who changed a loop by a verb, as its record says. */
export const by = (): string => `manual:${selfIdentity().pid}`;

function requireSound(given: Given, spec: LoopSpec): void {
  const name = nameProblem(spec.name);
  if (name) throw wrong(given, `its name ${name}`);
  const problem = loopSpecProblem(spec);
  if (problem) throw wrong(given, problem, 'invalid');
  const bytes = Buffer.byteLength(prettyJson(spec));
  if (bytes > LIMITS.recordBytes)
    throw wrong(given, `its record would have ${bytes} bytes, at most ${LIMITS.recordBytes} are allowed`, 'invalid');
}

/** What may be meant, and yet is a slip more often than not. */
function warnOfFlaws({ warn }: Context, { target, expiresAt }: LoopSpec, { nextRunAt }: LoopState): void {
  const cwd = target.type === 'workflow' ? undefined : target.cwd;
  const problem = cwd === undefined ? undefined : startDirProblem(cwd);
  if (problem) warn(`its working directory ${JSON.stringify(cwd)} cannot be used as it is now: ${problem}`);
  if (expiresAt !== undefined && nextRunAt !== undefined && expiresAt <= nextRunAt)
    warn(`it expires at ${expiresAt}, which is not after its first time ${nextRunAt}: it will never run`);
}

/** Says which other loops have the name of this one. */
export function warnOfNamesakes({ disk, warn }: Context, { id: own, name }: Pick<LoopSpec, 'id' | 'name'>): void {
  const others = findLoop(disk, name)
    .map(({ id }) => id)
    .filter((id) => id !== own);
  if (others.length > 0)
    warn(
      `there is a loop ${JSON.stringify(name)} already (${others.join(', ')}): name it by its id when you change it`,
    );
}

function store(disk: Disk, spec: LoopSpec, state: LoopState): void {
  // 48 random bits: an id that is taken means that something else is wrong.
  if (createLoop(disk, spec, state)) return;
  throw new TendError('environment', `Cannot create loop ${JSON.stringify(spec.name)}: its id ${spec.id} is taken`, {
    code: 'conflict',
    hint: 'tend loops list',
  });
}

/** The first times at which it would run, as if each run took no time. */
function firesOf(spec: LoopSpec, state: LoopState, zone: string): string[] {
  const fires: string[] = [];
  let slot: Instant | undefined = state.nextRunAt === undefined ? undefined : Date.parse(state.nextRunAt);
  while (slot !== undefined && fires.length < FIRES) {
    fires.push(new Date(slot).toISOString());
    slot = slotAfter(spec.schedule, { slot, at: slot }, zone);
  }
  return fires;
}

function dryRun({ json, fires, spec }: { json: object; fires: string[]; spec: LoopSpec }): VerbResult {
  const lines = fires.map((fire) => `next=${fire}`);
  const head = `would create loop (${inLine(spec.name)}), nothing was stored`;
  return {
    text: [head, prettyJson(json).trimEnd(), ...lines].join('\n'),
    json: { dryRun: true, loop: json, next: fires },
  };
}
