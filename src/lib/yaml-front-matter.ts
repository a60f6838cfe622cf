import matter from 'gray-matter';
import yaml from 'js-yaml';
import type { FrontMatterResult } from './front-matter.js';
import { isObject, type Json } from './json.js';

/** Languages that gray-matter would evaluate as code: always refused, whatever the text says. */
const REFUSED = ['js', 'javascript', 'coffee', 'coffeescript', 'cson'];

/** General reader for front matter that a human has written: YAML 1.2 core schema, nothing else. */
export function parseYamlFrontMatter(text: string): FrontMatterResult {
  const language = /^---[ \t]*([^\s-][^\n]*)?/.exec(text)?.[1]?.trim().toLowerCase();
  if (language && language !== 'yaml' && language !== 'yml') {
    const why = REFUSED.includes(language) ? 'it would run code from a data file' : 'only YAML is read';
    return { problem: `front matter of language "${language}" is refused: ${why}; begin the file with a plain "---"` };
  }
  try {
    const { data, content } = matter(text, { language: 'yaml', engines: ENGINES });
    if (!isObject(data)) return { problem: 'front matter must be a mapping of keys to values' };
    return { value: { data: data as Record<string, Json>, body: content } };
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
