/** What the loop goes by: its sensors, its gate, its money. Pure: values that the contract has read → findings. */
import { shellQuote } from '../../../lib/shell-quote.js';
import { UNSAFE_GATE } from '../../../model/unsafe-gate.js';
import { runnerOf } from '../../../runners/registry.js';
import { type Check, type Finding, note, ok, warn } from '../check.js';

export const sensorsCheck: Check = {
  id: 'sensors',
  about: 'each sensor can be run and its last reading was good',
  look: (world) => {
    const looks = world.sensors();
    const found = looks.flatMap(({ name, ok: isGood, problems }): Finding[] => [
      ...problems.map((problem) => warn(`sensor "${name}": ${problem}`, `tend sensor test ${shellQuote(name)}`)),
      ...(isGood === false && problems.length === 0
        ? [warn(`sensor "${name}" failed at its last reading`, `tend sensor test ${shellQuote(name)}`)]
        : []),
    ]);
    if (found.length > 0) return found;
    return looks.length === 0
      ? [note('there is none: the loop sees goals, asks and workers alone', 'tend sensor write NAME < script.sh')]
      : [ok(`${looks.length} of ${looks.length}`)];
  },
};

/** Shapes under which everything runs: a wildcard for the program itself, or a program whose arguments are any program. */
const ANYTHING = /^(?:\*|(?:ba|z|da|k)?sh(?: -\w+)? \*|(?:sudo|env|eval|xargs|exec) \*)$/;

export const gateCheck: Check = {
  id: 'gate',
  about: 'the gate is on',
  look: ({ config }) => {
    const gate = config.loaded?.config.gate;
    const edit = `$EDITOR ${shellQuote(config.loaded?.path ?? 'config.json')}`;
    const open = (gate?.allow ?? []).filter((shape) => ANYTHING.test(shape.trim()));
    const found: Finding[] = [
      ...(gate?.unsafe === true ? [warn(UNSAFE_GATE, edit)] : []),
      ...open.map((shape) =>
        warn(`gate.allow has ${JSON.stringify(shape)}, under which any program runs unasked`, edit),
      ),
      ...(gate?.sensors === 'allow'
        ? [note('gate.sensors is "allow": a decider writes sensors, which are programs, unasked')]
        : []),
    ];
    return found.length > 0 ? found : [ok('on')];
  },
};

export const budgetCheck: Check = {
  id: 'budget',
  about: 'there is money left for today',
  look: (world) => {
    const spend = world.spend();
    if (spend.reached !== undefined)
      return [warn(`${spend.reached}: no model is called until you raise it or until midnight`, 'tend asks')];
    const calls = world.config.loaded && !runnerOf(world.config.loaded.config).isEmbedded;
    if (calls && spend.limit_usd === null && spend.limit_tokens === null)
      return [
        warn(
          'the day has no limit, in dollars or tokens',
          `$EDITOR ${shellQuote(world.profile.configPath)}   # "budget": {"day_usd": 10}`,
        ),
      ];
    const parts = [
      ...(spend.limit_usd === null ? [] : [`$${spend.usd.toFixed(2)} of $${spend.limit_usd.toFixed(2)}`]),
      ...(spend.limit_tokens === null ? [] : [`${spend.tokens} of ${spend.limit_tokens} tokens`]),
    ];
    return [ok(parts.length === 0 ? `$${spend.usd.toFixed(2)} today, no limit` : `${parts.join(', ')} today`)];
  },
};
