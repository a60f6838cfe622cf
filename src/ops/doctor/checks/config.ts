/** The config file: does it parse, does tend know its keys, are its numbers in range? Also the variables that stand for them. */
import { isObject } from '../../../lib/json.js';
import { nearest } from '../../../lib/nearest.js';
import { shellQuote } from '../../../lib/shell-quote.js';
import { configSchema } from '../../../model/config.js';
import type { Knob } from '../../../model/knob.js';
import { KNOBS, resolveKnobs } from '../../../model/knobs.js';
import { type Check, type Finding, fail, ok, warn } from '../check.js';

/** Former names of the two templates, still read. */
const LEGACY = ['tick', 'interactive'];

const knobs: readonly Knob[] = Object.values(KNOBS);
const knobKeys = knobs.flatMap((knob) => (knob.config === undefined ? [] : [knob.config]));
/** Keys of the first level, and the dotted ones below them. */
const KNOWN = [
  ...new Set([...Object.keys(configSchema.shape), ...LEGACY, ...knobKeys.map((key) => key.split('.')[0]!)]),
];

export const configCheck: Check = {
  id: 'config',
  about: 'the config file: it parses, its keys are known, its numbers are in range',
  look: ({ config, profile, env }) => {
    if (config.problem !== undefined)
      return [
        fail(
          config.problem,
          `mv ${shellQuote(profile.configPath)} ${shellQuote(`${profile.configPath}.broken`)} && tend init`,
        ),
      ];
    if (!config.loaded.exists) return [fail(`there is no config "${profile.configPath}"`, 'tend init')];
    const edit = `$EDITOR ${shellQuote(profile.configPath)}`;
    const found = [
      ...unknownKeys(config.loaded.raw).map((what) => warn(what, edit)),
      ...resolveKnobs(env, config.loaded.raw).warnings.map((what) => warn(what, edit)),
      ...misspelt(env),
    ];
    return found.length > 0 ? found : [ok(profile.configPath)];
  },
};

/** Pure: each key that nothing reads, with the known one that it may have meant. */
export function unknownKeys(raw: Readonly<Record<string, unknown>>): string[] {
  const top = Object.keys(raw).filter((key) => !KNOWN.includes(key));
  const below = Object.entries(raw).flatMap(([key, value]) => {
    const group = knobKeys.filter((known) => known.startsWith(`${key}.`));
    if (group.length === 0 || !isObject(value)) return [];
    return Object.keys(value)
      .map((inner) => `${key}.${inner}`)
      .filter((inner) => !group.includes(inner));
  });
  return [...top, ...below].map((key) => {
    const near = nearest(key, key.includes('.') ? knobKeys : KNOWN, 1);
    return `the config key ${JSON.stringify(key)} is unknown and does nothing${near[0] ? `; did you mean "${near[0]}"?` : ''}`;
  });
}

/** A variable of ours that nobody reads and that is one slip away from one that is read: a brake that does not grip. */
function misspelt(env: Readonly<Record<string, string | undefined>>): Finding[] {
  const known = knobs.flatMap((knob) => (knob.env === undefined ? [] : [knob.env]));
  return Object.keys(env)
    .filter((name) => name.startsWith('TEND_') && !known.includes(name))
    .flatMap((name) => {
      const near = nearest(name, known, 1)[0];
      // `nearest` allows a third of the word; names of ours share half of theirs, so only a slip or two counts.
      return near !== undefined &&
        Math.abs(near.length - name.length) <= 2 &&
        sharedStart(near, name) >= name.length - 4
        ? [warn(`the variable ${name} is unknown and does nothing; did you mean ${near}?`, `unset ${name}`)]
        : [];
    });
}

function sharedStart(a: string, b: string): number {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n += 1;
  return n;
}
