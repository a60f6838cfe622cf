/**
 * With which command a worker goes on whose session was cut. Pure. A command that its user has changed may hold it in a sandbox or take
 * rights from it: tend's own would go on without that, so only the user's own does.
 */
import type { Config } from '../model/config.js';
import type { Runner } from './runner.js';

export interface ResumeTerms {
  /** The template that the worker was, or would be, started with. */
  template: string;
  /** Whether that one is for this worker alone. */
  isOwn: boolean;
  config: Pick<Config, 'resume_command'>;
  runner: Runner;
}

/** A template with `{{session}}` and `{{prompt_file}}`, or why there is none, in words that stand behind a colon. */
export function resumeTemplate(terms: ResumeTerms): { template: string } | { why: string } {
  const { template, isOwn, config, runner } = terms;
  const given = isOwn ? undefined : config.resume_command?.trim();
  if (given) {
    const missing = ['{{session}}', '{{prompt_file}}'].find((name) => !given.includes(name));
    return missing === undefined ? { template: given } : { why: `"resume_command" of the config has no ${missing}` };
  }
  if (runner.resume !== undefined && template === runner.worker) return { template: runner.resume };
  if (isOwn) return { why: 'it was started with a command of its own' };
  const known =
    runner.resume === undefined
      ? 'no command is known that goes on with a session'
      : `"worker_command" of the config is not tend's own`;
  return { why: `${known} for ${runner.name}, and the config has no "resume_command"` };
}
