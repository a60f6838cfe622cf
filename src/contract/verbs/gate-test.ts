import { shellJoin } from '../../lib/shell-quote.js';
import { badInput } from '../../model/error.js';
import { LIMITS } from '../../model/limits.js';
import { loadConfig } from '../../store/config.js';
import type { Verb } from '../verb.js';

const EXITS = { allow: 0, ask: 10, refuse: 20 } as const;

/** Judges and runs nothing. The command is judged as if a decider had proposed it, with the shapes of this profile's config. */
export const verb: Verb = {
  path: ['gate', 'test'],
  group: 'see',
  about: 'Say what the gate makes of a shell command, without running it',
  details:
    'One argument is shell text as it stands; several are words, each quoted. "allow" runs without asking when a decider proposes ' +
    'it, "ask" waits for your yes, "refuse" never runs. The shapes of gate.allow, gate.ask and gate.refuse in the config count.',
  rest: {
    kind: 'command',
    name: 'command',
    about: 'the command; everything from here on belongs to it',
    required: true,
  },
  flags: { json: { type: 'boolean', about: 'print {verdict, reason, part}' } },
  examples: [
    { line: "tend gate test -- 'git log --oneline | head -5'", about: 'allow' },
    { line: 'tend gate test --json -- rm -rf build', about: 'for scripts; exit code 10' },
  ],
  exits: { 10: 'it would be asked', 20: 'it would be refused' },
  async run({ words }, { profile }) {
    const cmd = shellJoin(words);
    if (cmd.length > LIMITS.commandChars)
      throw badInput(
        `Cannot judge a command of ${cmd.length} characters: a move has ${LIMITS.commandChars} at most`,
        "tend gate test -- 'git log | head'",
      );
    const { judgeShell } = await import('../../policy/gate.js');
    const { verdict, reason, part } = judgeShell(cmd, loadConfig(profile.configPath).config.gate);
    const where = part === undefined || part === cmd ? '' : `\n  ${part}`;
    return {
      text: `${verdict}: ${reason}${where}`,
      json: { verdict, reason, part: part ?? (verdict === 'allow' ? null : cmd) },
      ...(verdict === 'allow' ? {} : { exit: EXITS[verdict] }),
    };
  },
};
