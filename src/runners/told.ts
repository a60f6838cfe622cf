/**
 * What an agent CLI's events tell a person: one `Told` for what the agent said, called, got back, used, or failed at. Grammars
 * make them (grammars/*-told.ts), here they become lines of a terminal. All of it is text of strangers: nothing in it moves the
 * cursor, and nothing can look like a line of another kind, because each begins with a sign of its own and goes on indented.
 */
import { clip } from '../lib/clip.js';
import { indented } from '../lib/terminal-safe.js';
import type { Event } from './event.js';
import type { RunUsage } from './result.js';

export type Told =
  /** What the agent says. */
  | { kind: 'text'; text: string }
  | { kind: 'thought'; text: string }
  /** A tool that begins: a shell command, or the tool's name and its arguments. */
  | { kind: 'command'; text: string }
  | { kind: 'tool'; name: string; args: unknown }
  /** What a tool gave back. */
  | { kind: 'output'; text: string }
  | { kind: 'usage'; usage: RunUsage; costUsd?: number | undefined }
  | { kind: 'error'; text: string }
  /** Anything else that a person wants to know: a retry, an exit code. */
  | { kind: 'note'; text: string };

/** Takes the events of one run in their order; most of them tell nothing. Never throws. */
export type Teller = (event: Event) => readonly Told[];

/** A message is read whole; what is longer than many screens stands in the stream. */
const TEXT_CHARS = 16_384;
/** Thinking is glanced at. */
const THOUGHT_CHARS = 1_024;
/** A screenful of a command, as of a script that was written into it. */
const COMMAND_CHARS = 2_048;
const ARGS_CHARS = 300;
const ERROR_CHARS = 2_048;
/** Of a result the beginning says what it is and the end how it went. */
const HEAD_LINES = 8;
const TAIL_LINES = 12;
const LINE_CHARS = 400;

/** Lines for a terminal, each ended by LF alone; empty when there is nothing to show. */
export function paint(told: Told): string {
  switch (told.kind) {
    case 'text':
      return marked('●', clip(told.text.trim(), TEXT_CHARS));
    case 'thought':
      return marked('~', clip(told.text.trim(), THOUGHT_CHARS));
    case 'command':
      return marked('$', clip(told.text.trim(), COMMAND_CHARS));
    case 'tool':
      return marked('>', `${clip(told.name, ARGS_CHARS)} ${argsOf(told.args)}`.trim());
    case 'output':
      return marked(' ', clippedLines(told.text));
    case 'usage':
      return marked('·', usageWords(told.usage, told.costUsd));
    case 'error':
      return marked('!', clip(told.text.trim(), ERROR_CHARS));
    case 'note':
      return marked('·', clip(told.text.trim(), ERROR_CHARS));
  }
}

const marked = (sign: string, text: string): string => (text === '' ? '' : `${sign} ${indented(text, '  ')}\n`);

/** A text member alone is the argument; more are JSON. */
function argsOf(args: unknown): string {
  if (args === undefined || args === null) return '';
  return clip(typeof args === 'string' ? args : (JSON.stringify(args) ?? ''), ARGS_CHARS);
}

function clippedLines(text: string): string {
  const lines = text
    .replace(/\r\n/g, '\n')
    .replace(/^\n+|\s+$/g, '')
    .split('\n');
  const left = lines.length - HEAD_LINES - TAIL_LINES;
  const shown =
    left <= 1 ? lines : [...lines.slice(0, HEAD_LINES), `[… ${left} more lines]`, ...lines.slice(-TAIL_LINES)];
  return shown.map((line) => clip(line, LINE_CHARS)).join('\n');
}

/** `200 tokens in (150 from a cache), 40 out, $0.0012`; what is not reported is left out. */
function usageWords(usage: RunUsage, costUsd: number | undefined): string {
  const cached = usage.cache_read_tokens ?? 0;
  const input = (usage.input_tokens ?? 0) + cached + (usage.cache_write_tokens ?? 0);
  const parts = [
    usage.input_tokens === undefined ? '' : `${input} tokens in${cached > 0 ? ` (${cached} from a cache)` : ''}`,
    usage.output_tokens === undefined ? '' : `${usage.output_tokens} out`,
    costUsd === undefined ? '' : `$${costUsd.toFixed(4)}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** The text between the quotes of a shell wrapper (`/bin/bash -lc '…'`), else the command as it is. */
export function bareCommand(command: string): string {
  const wrapped = /^(?:\/\S*\/)?(?:ba|z|da)?sh -l?c '([\s\S]*)'$/.exec(command)?.[1];
  if (wrapped === undefined) return command;
  // A quote within is written '\''; any other quote means that this was no single word.
  const inner = wrapped.replaceAll(`'\\''`, '\u0000');
  return inner.includes("'") ? command : inner.replaceAll('\u0000', "'");
}

/** A tool by its arguments: what has a command is a command. */
export function toolTold(name: string, args: unknown): Told {
  const { command, cmd } = (args ?? {}) as { command?: unknown; cmd?: unknown };
  const line = command ?? cmd;
  return typeof line === 'string' ? { kind: 'command', text: bareCommand(line) } : { kind: 'tool', name, args };
}
