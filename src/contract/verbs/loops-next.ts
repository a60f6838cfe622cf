import { now } from '../../host/clock.js';
import { hostZone } from '../../host/zone.js';
import { parseCron } from '../../lib/cron.js';
import { parseIsoDate } from '../../lib/iso-date.js';
import { badInput, TendError } from '../../model/error.js';
import { comingSlots } from '../../runs/rules/timing.js';
import type { Disk } from '../../store/disk.js';
import { requireLoop } from '../../store/loops.js';
import type { Verb, VerbInput } from '../verb.js';
import { fireLines } from '../views/next-fires.js';

const USUAL = 5;
/** More than anybody reads; a search for each stays short. */
const MOST = 1_000;

interface Asked {
  fires: number[];
  after: number;
  zone: string;
}

export const verb: Verb = {
  path: ['loops', 'next'],
  group: 'loops',
  about: 'Show the next times of a cron expression, or of a loop',
  details:
    'A fixed time that a change of the clocks skips runs at the end of the gap, and one that comes twice runs once; an expression whose minute or hour ' +
    'begins with * follows the clock as it is. Of a loop it shows its next time and those that follow if each run takes no time; none when it is not active.',
  args: [{ name: 'loop', about: 'its id, or its name; instead of --cron', required: false, complete: 'loops' }],
  flags: {
    cron: { type: 'string', value: 'EXPR', about: 'five fields, or @hourly, @daily, @weekly, @monthly, @yearly' },
    timezone: { type: 'string', value: 'ZONE', about: 'IANA name; without it the zone that the machine is in' },
    from: { type: 'string', value: 'ISO', about: 'times strictly later than this; without it than now' },
    count: { type: 'count', alias: 'n', value: 'N', about: `how many, at most ${MOST}`, default: String(USUAL) },
    json: { type: 'boolean', alias: 'j', about: 'print an array of ISO times in UTC' },
  },
  exits: { 1: 'there is no such loop', 2: 'bad input: the expression, the zone or the time is none' },
  exitStyle: 'loops',
  examples: [
    {
      line: "tend loops next --cron '30 2 * * *' --timezone Europe/Berlin",
      about: 'the next five, with changes of the clocks',
    },
    { line: 'tend loops next backup -n 1 --json', about: 'when the loop "backup" runs next' },
  ],
  async run({ args, flags }, { disk }) {
    const count = Number(flags['count']);
    if (count < 1 || count > MOST) throw wrong(`-n is ${count}, a whole number from 1 to ${MOST} is wanted`);
    const word = args['loop'];
    const { fires, after, zone } =
      word === undefined ? ofExpression(flags, count) : ofLoop(disk, word, { flags, count });
    const text = fires.length === 0 ? 'no coming time' : fireLines(fires, { after, zone }).join('\n');
    return { text, json: fires.map((fire) => new Date(fire).toISOString()) };
  },
};

const wrong = (problem: string, hint = 'tend help loops next') =>
  badInput(`Cannot show the next times: ${problem}`, hint);

function ofExpression(flags: VerbInput['flags'], count: number): Asked {
  if (typeof flags['cron'] !== 'string') throw wrong('neither a loop nor --cron is given, one of them is wanted');
  const zone = String(flags['timezone'] ?? hostZone());
  const parsed = parseCron(flags['cron'], zone);
  if (!('cron' in parsed))
    throw new TendError(
      'input',
      `Cannot show the next times of ${JSON.stringify(flags['cron'])}: ${parsed.problem}; wanted: ${parsed.hint}`,
      { code: 'invalid', hint: "tend loops next --cron '30 2 * * *'" },
    );
  const after = fromOf(flags);
  const fires: number[] = [];
  for (let at = parsed.cron.next(after); at !== undefined && fires.length < count; at = parsed.cron.next(at))
    fires.push(at);
  return { fires, after, zone };
}

function fromOf(flags: VerbInput['flags']): number {
  if (flags['from'] === undefined) return now();
  const at = parseIsoDate(String(flags['from']));
  if (at !== undefined) return at;
  throw wrong(`--from ${JSON.stringify(flags['from'])} is no date, ISO 8601 such as 2026-11-21T07:42:00Z is wanted`);
}

function ofLoop(disk: Disk, word: string, { flags, count }: { flags: VerbInput['flags']; count: number }): Asked {
  const stray = ['cron', 'timezone', 'from'].find((name) => flags[name] !== undefined);
  if (stray !== undefined) throw wrong(`--${stray} is given beside the loop ${JSON.stringify(word)}`);
  const entry = requireLoop(disk, word, { verb: 'show the next times of', changes: false });
  if (entry.state !== 'ok')
    throw new TendError('refused', `Cannot show the next times of loop "${entry.id}": ${entry.reason}`, {
      code: 'invalid',
      hint: `tend loops show ${entry.id}`,
    });
  const zone = entry.spec.schedule.type === 'cron' ? (entry.spec.schedule.timezone ?? hostZone()) : hostZone();
  return { fires: comingSlots(entry.spec, entry.loopState, count, hostZone()), after: now(), zone };
}
