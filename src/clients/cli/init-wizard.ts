/**
 * The dialog of `tend init`, loaded only in front of a person. It collects answers and writes nothing. Its pictures go to stderr:
 * stdout is the verb's answer.
 */
import { cancel, confirm, intro, isCancel, note, outro, select, text } from '@clack/prompts';
import type { Dialogs } from '../../contract/dialogs.js';

type Init = Dialogs['init'];
type Choices = Parameters<Init>[0];
type Request = Parameters<Init>[1];

const PLACEHOLDER = '{{prompt_file}}';
const io = { output: process.stderr };

/** What a terminal that does not tell its size is taken for: on one of no width the dialog would be a column of letters. */
function ensureSize(terminal: NodeJS.WriteStream): void {
  terminal.columns ||= 80;
  terminal.rows ||= 24;
}

/** Runner, both commands, what is prepared and installed, and a last yes. Escape, Ctrl-C or a no at the end: undefined. */
export const askInit: Init = async (choices, request) => {
  ensureSize(process.stderr);
  // Where it does not wrap by its output, it wraps by stdout.
  ensureSize(process.stdout);
  intro('tend init', io);
  const answers = await collect(choices, request);
  if (!answers) {
    cancel('Nothing was written.', io);
    return undefined;
  }
  outro(`Writing ${choices.configPath}`, io);
  return answers;
};

async function collect(choices: Choices, request: Request): Promise<Request | undefined> {
  const runner = request.runner ?? (await chooseRunner(choices));
  if (!runner || isCancel(runner)) return undefined;
  const preset = choices.templates(runner);
  const tick =
    runner === 'embedded'
      ? ''
      : await text({
          ...io,
          message: `The program that decides. It reads ${PLACEHOLDER}, or the prompt on its stdin, and prints one JSON move`,
          initialValue: request.tickCommand ?? preset.tick,
          validate: (value) => (value?.trim() ? undefined : 'A runner needs a command; Ctrl-C gives up'),
        });
  if (isCancel(tick)) return undefined;
  const worker = await text({
    ...io,
    message: `The program that works, in a terminal of its own. It must read ${PLACEHOLDER}${runner === 'embedded' ? ' (empty: no workers)' : ''}`,
    initialValue: request.workerCommand ?? preset.worker,
    validate: (value) =>
      !value?.trim() || value.includes(PLACEHOLDER)
        ? undefined
        : `${PLACEHOLDER} must stand where the file's path belongs`,
  });
  if (isCancel(worker)) return undefined;
  const prepare = await askToPrepare(choices, request, worker);
  if (isCancel(prepare)) return undefined;
  const concierge = await askForConcierge(choices, request);
  if (isCancel(concierge)) return undefined;
  note(
    [`decides: ${tick || 'the rules of your goals'}`, `works:   ${worker || '(no workers)'}`].join('\n'),
    runner,
    io,
  );
  const yes = await confirm({ ...io, message: `Write this to ${choices.configPath}?` });
  return yes === true ? { runner, tickCommand: tick, workerCommand: worker, prepare, concierge } : undefined;
}

/** Shows each question of the worker's CLI that would be answered beforehand, and in which file. */
function askToPrepare(choices: Choices, request: Request, worker: string | undefined) {
  const missing = worker?.trim() ? choices.unprepared(worker) : [];
  if (missing.length === 0 || request.prepare) return request.prepare === true;
  note(missing.map(({ about, file }) => `${about}\n  in ${file}`).join('\n'), 'Its first start asks', io);
  return confirm({ ...io, message: 'Set these answers, so that workers start with nobody at the keyboard?' });
}

/** Shows where the skill would be written; asks nothing where the flag has said it, or there is no place that lacks it. */
function askForConcierge({ concierge }: Choices, request: Request) {
  if (concierge.length === 0 || request.concierge !== undefined) return request.concierge === true;
  note(
    concierge.map(({ runner, file }) => `${runner}: ${file}`).join('\n'),
    'A skill for the agents that you talk to',
    io,
  );
  return confirm({
    ...io,
    message:
      'Install the concierge skill? An agent that has it brings you what waits for you, and takes your answers back',
    initialValue: false,
  });
}

const chooseRunner = (choices: Choices) =>
  select({
    ...io,
    message: 'Who decides?',
    options: choices.runners.map(({ name, about, found }) => ({
      value: name,
      label: `${name}${found ? '' : ' (not on PATH)'}`,
      hint: about,
    })),
    initialValue: choices.current ?? choices.runners.find((runner) => runner.found)?.name ?? 'embedded',
  });
