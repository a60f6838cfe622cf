import { refused } from '../../model/error.js';
import { endWords } from '../../model/worker-end.js';
import { lifeHandle } from '../../store/fleet.js';
import { requireRunning } from '../../store/workers.js';
import { requireAlive } from '../fleet-access.js';
import type { Verb } from '../verb.js';

/** The person's terminal becomes the worker's until Ctrl-]; it is left as it was found. */
export const verb: Verb = {
  path: ['attach'],
  group: 'fleet',
  about: "Work in a worker's terminal yourself; Ctrl-] leaves it running",
  details:
    'What you type goes to the worker and is not recorded as an answer: to steer it durably use "tend tell", to answer its ' +
    'question "tend answer". The worker takes the size of your terminal.',
  args: [{ name: 'id', about: 'the worker', required: true, complete: 'workers' }],
  exits: { 1: 'the worker is not running, or the connection was lost' },
  human: true,
  async run(input, context) {
    const { id } = await requireAlive(context, 'attach to', input.args['id'] ?? '');
    if (!context.tty.in || !context.tty.out)
      throw refused(
        'no-terminal',
        `Cannot attach to "${id}": stdin and stdout must be a terminal`,
        `tend screenshot ${id}`,
      );
    const handle = lifeHandle(requireRunning(context.disk, id))!;
    const [{ attachTo }, { onOwnTerminal }] = await Promise.all([
      import('../../host/attach-wire.js'),
      import('../../host/own-terminal.js'),
    ]);
    const result = await onOwnTerminal(context.signal, (terminal) => attachTo(handle, terminal));
    switch (result.end) {
      case 'detached':
        return { text: `detached from ${id}, it runs on` };
      case 'exit':
        return { text: `${id} ${endWords(result.state)}${result.exitCode === null ? '' : ` with ${result.exitCode}`}` };
      case 'lost':
        throw refused('attach-lost', `The connection to worker "${id}" was lost`, 'tend worker list --all');
    }
  },
};
