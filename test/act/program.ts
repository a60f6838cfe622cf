/** A small program around the door, so that tests can kill it: `__shell`, `act`, `recover` and `settle` on a data dir. */
import { act, type Proposal, recover, settleApproval } from '../../src/act/act.js';
import { superviseShell } from '../../src/host/shell-supervisor.js';
import { readAnswer, readAsk } from '../../src/store/asks.js';
import { depsFor } from './deps.js';

const [, bin, mode, ...rest] = process.argv;

const modes: Record<string, () => Promise<unknown>> = {
  __shell: async () => process.exit(await superviseShell(rest)),
  act: () => act(depsFor(rest[0]!, bin!), JSON.parse(rest[1]!) as Proposal, Date.now()),
  recover: () => recover(depsFor(rest[0]!, bin!), Date.now()),
  settle: async () => {
    const deps = depsFor(rest[0]!, bin!);
    const ask = await readAsk(deps.disk, rest[1]!);
    const answer = await readAnswer(deps.disk, rest[1]!);
    if (ask.state !== 'present' || answer.state !== 'present') throw new Error('no such pair');
    return settleApproval(deps, ask.value, { answer: answer.value, world: rest[2]! }, Date.now());
  },
};

const result = await modes[mode!]!();
process.stdout.write(JSON.stringify(result), () => process.exit(0));
