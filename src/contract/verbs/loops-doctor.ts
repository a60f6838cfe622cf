import { whichProgram } from '../../host/which.js';
import { PROVIDERS } from '../../model/loop.js';
import { lookAtRoot } from '../../store/root-report.js';
import type { Context, Verb } from '../verb.js';
import { checkLines, type LoopsCheck, loopLines, OF_LOOPS, renderLoopsDoctor } from '../views/loops-doctor.js';

/** The part of `tend doctor` that timed loops need, in the words of @hasna/loops. Changes nothing. */
export const verb: Verb = {
  path: ['loops', 'doctor'],
  group: 'loops',
  about: 'Check what timed loops need: the data dir, agent CLIs, and whether each active loop could start',
  details: '"tend doctor" checks this and everything else, and names a cure for each finding.',
  flags: { json: { type: 'boolean', alias: 'j', about: 'print {ok, checks:[{id, status, message, detail}]}' } },
  exitStyle: 'loops',
  exits: { 1: 'a check failed' },
  anyFormat: true,
  examples: [{ line: 'tend loops doctor', about: 'what would keep a loop from running' }],
  async run(_input, context) {
    const [{ runChecks }, { CHECKS }, { doctorWorld }] = await Promise.all([
      import('../../ops/doctor/check.js'),
      import('../../ops/doctor/registry.js'),
      import('../doctor-world.js'),
    ]);
    const world = await doctorWorld(context);
    const reports = await runChecks(
      CHECKS.filter(({ id }) => OF_LOOPS.includes(id)),
      world,
    );
    const checks = [
      dataDirLine(context),
      ...checkLines(reports),
      ...PROVIDERS.map((provider) => providerLine(context, provider)),
      ...loopLines(await world.loops()),
    ];
    const ok = checks.every(({ status }) => status !== 'fail');
    return { text: renderLoopsDoctor(checks), json: { ok, checks }, exit: ok ? 0 : 1 };
  },
};

/** Loops need the directory alone; that it was seeded is for the loop of goals. */
function dataDirLine({ disk: { root } }: Context): LoopsCheck {
  const look = lookAtRoot(root);
  const line = (status: LoopsCheck['status'], message: string) => ({ id: 'data-dir', status, message });
  if (look.state === 'absent') return line('ok', `${root} will be made by the first loop`);
  if (look.state === 'unreadable') return line('fail', `${root} cannot be used: ${look.reason}`);
  if (!look.report.isWritable) return line('fail', `${root} cannot be written`);
  return (look.report.mode & 0o077) === 0 ? line('ok', root) : line('warn', `${root} is open to others`);
}

function providerLine({ env, disk }: Context, provider: (typeof PROVIDERS)[number]): LoopsCheck {
  const bin = provider === 'cursor' ? 'cursor-agent' : provider;
  const path = whichProgram(bin, env, disk.root);
  return { id: `provider:${bin}`, status: path === undefined ? 'warn' : 'ok', message: path ?? 'not on PATH' };
}
