/** What was sensed, and how it differs from the world of the last decision. From this beat's world alone, never from the disk. */
import { prettyJson } from '../../lib/json.js';
import { LIMITS } from '../../model/limits.js';
import { digestLine, isAsBefore } from './digests.js';
import { fenced, inline } from './fence.js';
import type { PromptInput } from './prompt-input.js';
import type { Section } from './section.js';

/** A reading as it is shown: the sensor cap bounds it already, this bounds readings whose cap is switched off. */
const READING_CHARS = 16_384;
/** Names in a list of flapping sensors or rule problems. */
const LIST_ITEMS = 50;

export function readings(input: PromptInput): Section {
  const { world } = input;
  if (world.facts.length === 0) return { title: 'SENSOR READINGS', lead: '(there are none)' };
  return {
    title: 'SENSOR READINGS',
    where: 'snapshots/',
    items: world.facts.map((fact) => {
      const name = inline(fact.name);
      const body = prettyJson({ signal: fact.signal, ...(fact.detail === undefined ? {} : { detail: fact.detail }) });
      return {
        name: `snap:${fact.name}`,
        text: `--- ${name}${fact.failed ? ' (failed)' : ''}\n${
          isAsBefore(input, `snap:${fact.name}`)
            ? digestLine(body, `snapshots/${name}.json`)
            : fenced(body, READING_CHARS, `snapshots/${name}.json`)
        }`,
      };
    }),
  };
}

/** Absent on the very first decision: then everything is new. */
export function whatChanged({ world, memory, why }: PromptInput): Section[] {
  if (!memory.committed) return [];
  const lines = changeLines(memory.committed.items, world.items);
  const shown = lines.slice(0, LIMITS.promptDiffLines);
  if (lines.length > shown.length) shown.push(`[truncated: ${lines.length - shown.length} more changes]`);
  if (shown.length === 0) shown.push(`(nothing; you are asked because ${inline(why)})`);
  return [{ title: 'WHAT CHANGED since the last decision', lead: shown.join('\n') }];
}

/** `+` appeared, `~` changed, `-` gone, sorted by name. Signals show old and new, policy only that it was edited. */
export function changeLines(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [old, now] = [own(before, name), own(after, name)];
    if (old === now) return [];
    if (old === undefined) return [`+ ${inline(name)} appeared`];
    if (now === undefined) return [`- ${inline(name)} gone`];
    if (!name.startsWith('snap:')) return [`~ ${inline(name)} edited`];
    return [`~ ${inline(name)} signal: ${value(old)} → ${value(now)}`];
  });
}

export function flapping({ world }: PromptInput): Section[] {
  if (world.flapping.length === 0) return [];
  const advice =
    'Their signal changes at every look, and each change costs a decision. Put what is volatile into "detail", or look less often (# tend:interval=).';
  return [{ title: 'FLAPPING SENSORS', lead: [...bullets(world.flapping), advice].join('\n') }];
}

export function ruleProblems({ ruleProblems: problems }: PromptInput): Section[] {
  return problems.length === 0 ? [] : [{ title: 'RULES THAT CANNOT BE USED', lead: bullets(problems).join('\n') }];
}

function bullets(texts: readonly string[]): string[] {
  const shown = texts.slice(0, LIST_ITEMS).map((text) => `- ${inline(text, LIMITS.journalLineChars)}`);
  return texts.length > LIST_ITEMS ? [...shown, `[truncated: ${texts.length - LIST_ITEMS} more]`] : shown;
}

const own = (items: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(items, name) ? items[name] : undefined;
const value = (text: string): string => inline(text, LIMITS.promptDiffValueChars);
