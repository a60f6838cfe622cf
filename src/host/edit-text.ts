/** A text in the person's own editor, in a private file of the runtime directory that is removed when its text is ours again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TendError } from '../model/error.js';
import type { Env } from './env.js';
import { runtimeDir } from './runtime-dir.js';

export interface Edit {
  text: string;
  /** Name of the file as the editor shows it; its ending chooses the colours. */
  name: string;
  env: Env;
  dataDir: string;
}

export interface Edited {
  text: string;
  /** Where the text lies until `discard`; what could not be taken over is still there for the person. */
  path: string;
  discard(): void;
}

/** `$VISUAL`, `$EDITOR`, else vi, as git and crontab choose. */
export const editorOf = (env: Env): string => env['VISUAL']?.trim() || env['EDITOR']?.trim() || 'vi';

/**
 * Runs the editor on the terminal of this process, which its caller has given back, and reads what was saved. The variable is a
 * command of the person's own and goes through the shell as it is; the path is an argument. Throws an `environment` error when
 * the editor cannot be started or ends in an error; then nothing is taken over.
 */
export async function editText({ text, name, env, dataDir }: Edit): Promise<Edited> {
  const dir = mkdtempSync(join(runtimeDir(env, dataDir), 'edit-'));
  const path = join(dir, name.replace(/[^A-Za-z0-9._-]/g, '_'));
  const discard = () => rmSync(dir, { recursive: true, force: true });
  const editor = editorOf(env);
  try {
    writeFileSync(path, text, { mode: 0o600 });
    const child = spawn('/bin/sh', ['-c', `${editor} "$@"`, editor, path], { stdio: 'inherit', env: { ...env } });
    const end = await endOf(child);
    if (end !== undefined)
      throw new TendError('environment', `Cannot edit "${name}": ${JSON.stringify(editor)} ${end}`, {
        code: 'editor-failed',
        hint: 'export EDITOR=nano',
      });
    return { text: readFileSync(path, 'utf8'), path, discard };
  } catch (error) {
    discard();
    if (error instanceof TendError) throw error;
    throw new TendError('environment', `Cannot edit "${name}": ${messageOf(error)}`, {
      code: 'editor-failed',
      cause: error,
    });
  }
}

/** Undefined after a good end, else how it ended. */
function endOf(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(messageOf(error)));
    child.once('exit', (code, signal) =>
      resolve(code === 0 ? undefined : signal ? `was ended by ${signal}` : `ended with ${code}`),
    );
  });
}
