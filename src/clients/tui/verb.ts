import type { Verb } from '../../contract/verb.js';

/** The screen for a person who answers asks and steers workers. Loaded by nothing else: it brings Ink and React. */
export const verb: Verb = {
  path: ['client'],
  group: 'human',
  about: 'Open the screen: answer asks, read what they are about, steer workers, edit goals',
  details:
    'The whole fleet, those who wait for you on top, the oldest first. Enter opens a row: its question, the file that it names or the ' +
    'terminal of its worker beside it, and a place to write. A number is an option. An approval shows the exact move first and takes a ' +
    'typed yes, or no and your reason. What you write stays with its ask, also when that is answered elsewhere meanwhile. F1, or ? in the ' +
    'list, shows every key.\n\n' +
    'It reads when something has changed and never by the clock alone, needs a terminal on stdin and stdout, and follows NO_COLOR, VISUAL and EDITOR.',
  args: [{ name: 'id', about: 'an ask or a worker to open at once', required: false, complete: 'asks' }],
  flags: { all: { type: 'boolean', about: 'also workers that have ended', alias: 'a' } },
  examples: [
    { line: 'tend client', about: 'see who waits' },
    { line: 'tend client web-1', about: 'open one ask' },
  ],
  exits: { 1: 'there is no terminal', 129: 'its terminal was closed', 130: 'interrupted', 143: 'ended by TERM' },
  human: true,
  async run(input, context) {
    const { runScreen } = await import('./run.js');
    const exit = await runScreen(context, { open: input.args['id'], ended: input.flags['all'] === true });
    return { text: '', exit };
  },
};
