/** The shell text of one decision, and what it needs on this machine. Pure; templates are filled by lib/shell-quote.ts alone. */
import { fillTemplate } from '../lib/shell-quote.js';
import type { Config } from '../model/config.js';
import { TendError } from '../model/error.js';
import { answerSchema } from '../model/move-schema.js';
import type { Runner } from './runner.js';

export interface TickCommand {
  shell: string;
  /** The template names no prompt file, so the prompt goes to stdin. */
  takesStdin: boolean;
  /** JSON for the schema file, which the command names. */
  schemaFile?: string;
  /** It holds the model to a schema, and can be had without. */
  isSchemaOptional: boolean;
}

export interface TickTerms {
  /** Absolute paths. */
  promptFile: string;
  schemaFile: string;
  /** The provider has refused a schema: go without, where the template leaves that open. */
  withoutSchema?: boolean;
}

type TickConfig = Pick<Config, 'tick_command' | 'model' | 'thinking' | 'answer_schema'>;

/** The shell text of a decision before it is filled, undefined when there is none. */
export const tickTemplate = (runner: Runner, config: Pick<Config, 'tick_command'>): string | undefined =>
  config.tick_command ?? runner.tick;

/** Fills the template of the config, else the runner's own. Throws when there is none or it needs a value that nothing gives. */
export function tickCommand(runner: Runner, config: TickConfig, terms: TickTerms): TickCommand {
  const whole = tickTemplate(runner, config);
  if (whole === undefined) {
    throw misconfigured(`the config has no "tick_command" and the runner "${runner.name}" brings none`);
  }
  const words = schemaWords(runner, config, whole);
  const template = whole.replaceAll(PLACE, terms.withoutSchema ? '' : words);
  const schema = template.includes('{{schema') ? schemaText(runner) : undefined;
  const values = {
    prompt_file: terms.promptFile,
    model: config.model || runner.defaults.model,
    thinking: config.thinking || runner.defaults.thinking,
    schema,
    schema_file: terms.schemaFile,
  };
  const known = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const shell = fillTemplate(template, Object.fromEntries(known));
  const missing = ['model', 'thinking'].find((name) => template.includes(`{{${name}}}`) && !values[name as 'model']);
  if (missing) throw misconfigured(`its command has {{${missing}}} and the config has no "${missing}"`);
  return {
    shell,
    takesStdin: !template.includes('{{prompt_file}}'),
    ...(schema !== undefined && template.includes('{{schema_file}}') ? { schemaFile: schema } : {}),
    isSchemaOptional: words !== '' && !terms.withoutSchema && whole.includes(PLACE) && config.answer_schema !== 'on',
  };
}

/** Where a template leaves it open whether the model is held to a schema. */
const PLACE = '{{answer_schema}}';

function schemaWords(runner: Runner, { answer_schema: asked = 'auto' }: TickConfig, template: string): string {
  const { words, byDefault } = runner.answer ?? { words: '', byDefault: false };
  if (asked !== 'on') return asked === 'auto' && byDefault ? words : '';
  const names = [PLACE, '{{schema}}', '{{schema_file}}'];
  if (!names.some((name) => template.includes(name)))
    throw misconfigured(`"answer_schema" is "on" and its command has none of ${names.join(', ')}`);
  if (words === '' && template.includes(PLACE))
    throw misconfigured(`"answer_schema" is "on" and the runner "${runner.name}" brings no words for ${PLACE}`);
  return words;
}

/** One line, some 5 kB: far below what one argument may hold. */
const schemaText = ({ answer }: Runner): string => {
  const schema = answerSchema();
  return JSON.stringify(answer?.shape?.(schema) ?? schema);
};

const misconfigured = (why: string): TendError =>
  new TendError('environment', `Cannot call the runner: ${why}`, { code: 'bad-config', hint: 'tend init' });

/** Words of a shell that are no programs; looking for them on PATH would report a false absence. */
const SHELL_WORDS =
  /^(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|function|select|time|\[\[|\[|!|cd|\.|source|eval|exec|command|builtin|export|set|unset|trap|ulimit|umask|test|true|false|echo|printf|read|wait|type|alias)$/;

/**
 * The program that a command starts, to look for before the first run: its first word after assignments and `env`. Empty when
 * that cannot be told for sure (variables, escapes, quotes inside a word, shell syntax): no check is better than a false alarm.
 * A result with a slash is a path.
 */
export function runnerBinaries(command: string): string[] {
  let rest = command.trim();
  let isAfterEnv = false;
  for (let words = 0; words < 100; words++) {
    const token = firstToken(rest);
    if (token === undefined) return [];
    rest = token.rest;
    if (isAssignment(token.raw) || (isAfterEnv && token.word.startsWith('-'))) continue;
    if (token.word === 'env') {
      isAfterEnv = true;
      continue;
    }
    return SHELL_WORDS.test(token.word) ? [] : [token.word];
  }
  return [];
}

/** `NAME=value` as a shell sees it: a name may not begin with a digit. */
export const isAssignment = (word: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*=/.test(word);

/** One word from the start; undefined for anything but a plain or a wholly quoted word, or an assignment with quoted value. */
function firstToken(text: string): { raw: string; word: string; rest: string } | undefined {
  const assignment = /^[A-Za-z_][A-Za-z0-9_]*=(?:'[^']*'|"[^"\\$`]*"|[^\s'"\\$`;|&<>()]*)(?=\s|$)\s*/.exec(text);
  if (assignment) {
    return { raw: assignment[0].trim(), word: assignment[0].trim(), rest: text.slice(assignment[0].length) };
  }
  const match = /^(?:'([^']+)'|"([^"\\$`]+)"|([^\s'"\\$`;|&<>(){}*?#~]+))(?=[\s;|&<>)]|$)\s*/.exec(text);
  if (!match) return undefined;
  return { raw: match[0].trim(), word: match[1] ?? match[2] ?? match[3]!, rest: text.slice(match[0].length) };
}
