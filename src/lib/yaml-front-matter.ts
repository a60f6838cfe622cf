/** Front matter that a human has written: the YAML 1.2 core schema and nothing else; no code is run, dates stay text. */
import matter from 'gray-matter';
import yaml from 'js-yaml';
import type { FrontMatterResult } from './front-matter.js';
import { isObject, type Json } from './json.js';

/** Languages that gray-matter would evaluate as code. */
const CODE = ['js', 'javascript', 'coffee', 'coffeescript', 'cson'];
/**
 * Longest front matter for the YAML parser: a worker's whole brief, escaped, in one line. Both limits together bound
 * gray-matter's search for comments, which takes the product of the two in steps: a third of a second at worst.
 */
const YAML_CHARS_MAX = 262_144;
const YAML_LINES_MAX = 500;

/** Never throws. `text` begins with `---` and has no byte order mark. */
export function parseYamlFrontMatter(text: string): FrontMatterResult {
  const firstLine = /^---([^\n]{0,200})/.exec(text)?.[1]?.trim() ?? '';
  const language = firstLine.toLowerCase();
  if (language !== '' && language !== 'yaml' && language !== 'yml') {
    const why = CODE.includes(language) ? 'it would run code from a data file' : 'only YAML is read';
    return {
      problem: `front matter of language ${JSON.stringify(language)} is refused: ${why}; begin the file with a plain "---"`,
    };
  }
  const end = /\n---[ \t]*(?:\r?\n|$)/.exec(text);
  if (!end) return { problem: 'front matter begins with "---" and is never closed by a line "---"' };
  const own = text.slice(text.indexOf('\n') + 1, Math.max(end.index, text.indexOf('\n')) + 1);
  if (own.length > YAML_CHARS_MAX || own.split('\n', YAML_LINES_MAX + 1).length > YAML_LINES_MAX)
    return {
      problem: `front matter is too large: at most ${YAML_CHARS_MAX} characters and ${YAML_LINES_MAX} lines are read`,
    };
  try {
    // gray-matter takes any line that begins with "---" for the end, so it gets the front matter alone, cut at a whole line.
    const { data, content } = matter(`---\n${own}---\n`, {
      language: 'yaml',
      engines: ENGINES,
    });
    if (content !== '') return { problem: 'front matter may not have a line that begins with "---"' };
    if (!isObject(data)) return { problem: 'front matter must be a mapping of keys to values' };
    return { value: { data: data as Record<string, Json>, body: text.slice(end.index + end[0].length) } };
  } catch (error) {
    return { problem: `front matter is not valid YAML: ${(error as Error).message.split('\n')[0]}` };
  }
}

const refuse = (): never => {
  throw new Error('front matter that evaluates code is refused');
};

const ENGINES = {
  yaml: { parse: (text: string) => (yaml.load(text, { schema: yaml.CORE_SCHEMA }) ?? {}) as object, stringify: refuse },
  js: { parse: refuse, stringify: refuse },
  javascript: { parse: refuse, stringify: refuse },
  coffee: { parse: refuse, stringify: refuse },
};
