/** What a client may show or attach: views of the contract under addresses of their own. One row each; the verb gives the text. */
import type { Context, Verb, VerbInput, VerbResult } from '../../contract/verb.js';
import { prettyJson } from '../../lib/json.js';

export interface Resource {
  uri: string;
  name: string;
  title: string;
  description: string;
  mimeType: string;
}

interface Row extends Omit<Resource, 'uri'> {
  /** The words of the verb that gives it. */
  verb: string;
  /** Its argument, for one of many. */
  arg?: string;
  /** Flags that it is called with. */
  flags?: VerbInput['flags'];
}

const JSON_TYPE = 'application/json';
const MARKDOWN = 'text/markdown';

const WHOLE: Readonly<Record<string, Row>> = {
  'tend://state': {
    verb: 'state',
    name: 'state',
    title: 'State',
    description: 'Everything at a glance: pulse, asks, readings, workers, goals, journal, and the cursor to wait from',
    mimeType: JSON_TYPE,
  },
  'tend://asks': {
    verb: 'asks',
    name: 'asks',
    title: 'Asks',
    description: 'What waits for the human, oldest first',
    mimeType: JSON_TYPE,
  },
  'tend://goals': {
    verb: 'goal list',
    name: 'goals',
    title: 'Goals',
    description: 'What the loop works on: id, first line, time of the last edit',
    mimeType: JSON_TYPE,
  },
  'tend://playbook': {
    verb: 'playbook show',
    name: 'playbook',
    title: 'PLAYBOOK',
    description: 'The policy that every decision follows',
    mimeType: MARKDOWN,
  },
  'tend://journal': {
    verb: 'journal',
    name: 'journal',
    title: 'Journal',
    description: 'What was done and why, one line per move, the latest last',
    mimeType: 'text/plain',
    flags: { lines: 100 },
  },
};

/** One of many: its id stands behind the address. */
const EACH: Readonly<Record<string, Row>> = {
  'tend://asks/': {
    verb: 'ask show',
    arg: 'ask_id',
    name: 'ask',
    title: 'One ask',
    description: 'An ask with all that belongs to it, and how it ended',
    mimeType: JSON_TYPE,
  },
  'tend://goals/': {
    verb: 'goal show',
    arg: 'id',
    name: 'goal',
    title: 'One goal',
    description: 'A goal as it is written',
    mimeType: MARKDOWN,
  },
};

export type LoadVerb = (words: string) => Promise<Verb>;

const shown = (uri: string, { name, title, description, mimeType }: Row): Resource => ({
  uri,
  name,
  title,
  description,
  mimeType,
});

/** Everything that can be read now: the whole views, each pending ask, each goal. */
export async function listResources(load: LoadVerb, context: Context): Promise<Resource[]> {
  const whole = Object.entries(WHOLE).map(([uri, row]) => shown(uri, row));
  const each = Object.entries(EACH).map(async ([prefix, row]) => {
    const ids = await idsOf(prefix, load, context);
    return ids.map((id) => ({
      ...shown(`${prefix}${encodeURIComponent(id)}`, row),
      name: id,
      title: `${row.name} ${id}`,
    }));
  });
  return [...whole, ...(await Promise.all(each)).flat()];
}

/** The same as templates, for clients that complete ids. */
export const TEMPLATES = Object.entries(EACH).map(([prefix, row]) => {
  const { uri: _uri, ...rest } = shown(prefix, row);
  return { uriTemplate: `${prefix}{id}`, ...rest };
});

/** Ids of pending asks, or of goals; by the prefix of their addresses, or by their template. */
export async function idsOf(address: string, load: LoadVerb, context: Context): Promise<string[]> {
  const prefix = address.replace(/\{id\}$/, '');
  const list = prefix === 'tend://asks/' ? 'asks' : prefix === 'tend://goals/' ? 'goal list' : undefined;
  if (list === undefined) return [];
  const { json } = await (await load(list)).run({ args: {}, flags: {}, words: [] }, context);
  return (json as { id: string }[]).map(({ id }) => id);
}

/** Text of a resource, or undefined when no resource has such an address. Throws what the verb throws, such as "no such ask". */
export async function readResource(
  uri: string,
  load: LoadVerb,
  context: Context,
): Promise<{ uri: string; mimeType: string; text: string } | undefined> {
  const whole = Object.hasOwn(WHOLE, uri) ? WHOLE[uri] : undefined;
  const prefix = Object.keys(EACH).find((one) => uri.startsWith(one));
  const row = whole ?? (prefix === undefined ? undefined : EACH[prefix]);
  const id = prefix === undefined ? undefined : decoded(uri.slice(prefix.length));
  if (!row || (row.arg !== undefined && id === undefined)) return undefined;
  const args = row.arg === undefined ? {} : { [row.arg]: id };
  const result = await (await load(row.verb)).run({ args, flags: row.flags ?? {}, words: [] }, context);
  return { uri, mimeType: row.mimeType, text: textOf(row, result) };
}

const textOf = ({ mimeType }: Row, { json, text }: VerbResult): string =>
  mimeType === JSON_TYPE ? prettyJson(json) : text;

/** Undefined for an address that is no address. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
