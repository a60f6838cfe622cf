/** A workflow file that a person names → what it says, or an error that lists everything that is wrong with it. */
import { resolve } from 'node:path';
import { TendError } from '../../model/error.js';
import { readWorkflow, WORKFLOW_BYTES_MAX, type WorkflowDraft } from '../../runs/workflow/read-workflow.js';
import { readOthersFile } from '../../store/others-file.js';
import type { Context, Flag, VerbInput } from '../verb.js';

export const FILE_FLAGS: Readonly<Record<string, Flag>> = {
  name: { type: 'string', value: 'NAME', about: 'its name, in place of the one in the file' },
  strict: { type: 'boolean', about: 'take unknown keys for mistakes; they are only warned of otherwise' },
};

export async function readWorkflowFile(
  { args, flags }: Pick<VerbInput, 'args' | 'flags'>,
  { env, warn }: Pick<Context, 'env' | 'warn'>,
): Promise<WorkflowDraft> {
  const file = args['file'] ?? '';
  const text = textOf(file);
  const { name } = flags;
  const kind = /\.json$/i.test(file) ? 'json' : /\.ya?ml$/i.test(file) ? 'yaml' : undefined;
  const read = await readWorkflow({
    text,
    home: env['HOME'] ?? '/',
    ...(kind ? { kind } : {}),
    ...(typeof name === 'string' ? { name } : {}),
    strict: flags['strict'] === true,
  });
  for (const { message } of read.warnings) warn(message);
  if (read.draft) return read.draft;
  const count = read.problems.length === 1 ? '1 problem' : `${read.problems.length} problems`;
  throw new TendError('refused', `Cannot use workflow file ${JSON.stringify(file)}: ${count}`, {
    code: 'invalid',
    lines: read.problems.map(({ message }) => message),
    hint: 'tend workflows validate --help',
  });
}

function textOf(file: string): string {
  // One byte more, so that the reader of the text says what the limit is.
  const read = readOthersFile(resolve(file), WORKFLOW_BYTES_MAX + 1);
  if (read.state === 'present') return read.text;
  const reason = read.state === 'absent' ? 'there is no such file' : read.reason;
  const isLarge = read.state === 'unreadable' && /large/.test(read.reason);
  throw new TendError(
    read.state === 'absent' || isLarge ? 'refused' : 'environment',
    `Cannot read workflow file ${JSON.stringify(file)}: ${isLarge ? `it has more than ${WORKFLOW_BYTES_MAX} bytes, the most that one may have` : reason}`,
    { code: read.state === 'absent' ? 'not-found' : isLarge ? 'invalid' : 'unreadable', hint: 'ls -l' },
  );
}
