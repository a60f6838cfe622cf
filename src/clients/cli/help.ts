/** `tend help`, `tend VERB --help` and bare `tend`: which text answers. Only what is asked for is loaded. */
import type { Verb } from '../../contract/verb.js';
import { badInput } from '../../model/error.js';
import { verbDoc } from './doc.js';
import { renderSections, type Style } from './layout.js';
import { groupDoc, manualDoc, type Paths, summaryDoc, visibleVerbs } from './manual.js';
import { pickVerb } from './pick.js';
import type { Registry } from './usage.js';

export interface HelpWorld {
  style: Style;
  paths(): Paths;
}

/** The help of one verb. */
export const verbHelp = (verb: Verb, style: Style): string => renderSections(verbDoc(verb), style);

/** Bare `tend`. */
export const summaryText = async (registry: Registry, style: Style): Promise<string> =>
  renderSections(summaryDoc(await visibleVerbs(registry)), style);

/** The list of the verbs that begin with `words`. */
export async function groupText(
  registry: Registry,
  group: { words: string; keys: readonly string[] },
  style: Style,
): Promise<string> {
  const verbs = await visibleVerbs(Object.fromEntries(group.keys.map((key) => [key, registry[key]!])));
  return renderSections(groupDoc(group.words, verbs), style);
}

/** The manual when no words are given, else the help of the verb or group that all the words name; unknown is an input error. */
export async function helpText(registry: Registry, words: readonly string[], world: HelpWorld): Promise<string> {
  const topic = words.filter((word) => word !== '_' && word !== '-h' && word !== '--help');
  if (topic.length === 0) return renderSections(manualDoc(await visibleVerbs(registry), world.paths()), world.style);
  const picked = pickVerb(registry, topic);
  if (picked.kind === 'verb' && picked.rest.length === 0)
    return verbHelp((await registry[picked.key]!()).verb, world.style);
  if (picked.kind === 'group' && picked.rest.length === 0) return groupText(registry, picked, world.style);
  const names = (await visibleVerbs(registry)).map((verb) => verb.path.join(' '));
  throw badInput(
    `Cannot help with ${JSON.stringify(topic.join(' '))}: there is no such topic, wanted one of ${names.join(', ')}`,
    'tend help',
  );
}
