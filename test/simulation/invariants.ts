/**
 * What must be true whatever dies, freezes, fills up, jumps or lies: in every history of the simulation. `always` is looked at
 * after every event, `rest` when the faults have stopped and everything that can still happen has happened. Each returns what is wrong.
 */
import type { World } from './outside.js';
import type { Witness } from './witness.js';

export interface Seen {
  world: World;
  witness: Witness;
}

export interface Invariant {
  name: string;
  when: 'always' | 'rest';
  broken(seen: Seen): string | undefined;
}

/** The most that one model call costs in the simulated world. */
export const CALL_USD_MAX = 0.2;

export const INVARIANTS: readonly Invariant[] = [
  {
    name: 'an ask that was visible never vanishes without an end on record',
    when: 'always',
    broken: ({ world, witness }) => {
      for (const id of witness.asks.keys()) {
        if (world.byHand.has(id) || world.data(`asks/${id}.md`) !== undefined) continue;
        if (quarantined(world, `asks__${id}.md`)) continue;
        if (world.data(`consumed/${id}.json`) === undefined) return `${id} is gone and nobody acted on its end`;
        if (shelved(world, 'asks', id).length === 0) return `${id} is neither open nor in the archive`;
      }
      return undefined;
    },
  },
  {
    name: 'an answer that the human was told is recorded is never changed or lost',
    when: 'always',
    broken: ({ world }) => {
      for (const { id, text } of world.acknowledged) {
        if (world.byHand.has(id)) continue;
        const mine = world.acknowledged.filter((one) => one.id === id);
        const kept = [world.data(`answers/${id}.md`) ?? '', ...shelved(world, 'answers', id)];
        if (quarantined(world, `answers__${id}.md`)) continue;
        const wanted = mine.some((one) => one.forced) ? mine.map((one) => one.text) : [text];
        if (!kept.some((record) => wanted.some((one) => record.includes(one))))
          return `"${text}" was acknowledged for ${id}, and the records say: ${JSON.stringify(kept)}`;
      }
      return undefined;
    },
  },
  {
    name: 'one ask takes one answer: a second one is told so',
    when: 'always',
    broken: ({ world }) => {
      const plain = world.acknowledged.filter((said) => !said.forced && !world.byHand.has(said.id)).map(({ id }) => id);
      const twice = plain.find((id, index) => plain.indexOf(id) !== index);
      return twice === undefined ? undefined : `two answers to ${twice} were acknowledged`;
    },
  },
  {
    name: 'an answer is consumed at most once',
    when: 'always',
    broken: ({ world, witness }) => {
      for (const [name, text] of witness.consumed)
        if (world.data(`consumed/${name}`) !== text)
          return `consumed/${name} was ${text}, is ${world.data(`consumed/${name}`)}`;
      return undefined;
    },
  },
  {
    name: 'nothing that must be asked runs without a yes to exactly it',
    when: 'always',
    broken: ({ world }) => {
      const ran = world.executions.find(({ cmd }) => !cmd.startsWith('echo ') && !world.yeses.has(cmd));
      return ran === undefined ? undefined : `"${ran.cmd}" ran as ${ran.mark}, and nobody said yes to it`;
    },
  },
  {
    name: 'a command runs at most once for each decision or yes',
    when: 'always',
    broken: ({ world }) => {
      for (const { cmd } of world.executions) {
        const ran = world.executions.filter((one) => one.cmd === cmd).length;
        const free = cmd.startsWith('echo human') ? 1 : (world.wishes.get(cmd) ?? 0);
        const allowed = cmd.startsWith('echo ') ? free : (world.yeses.get(cmd)?.size ?? 0);
        if (ran > allowed) return `"${cmd}" ran ${ran} times, ${allowed} allowed`;
      }
      return undefined;
    },
  },
  {
    name: 'nothing is written under an older epoch after a newer one began, but for the one step that was under way',
    when: 'always',
    broken: ({ witness }) => {
      for (const [process, keys] of witness.stale)
        if (keys.size > 1) return `${process.name} was overtaken and wrote ${[...keys].join(', ')}`;
      return undefined;
    },
  },
  {
    name: 'a budget is never exceeded by more than the runs in flight',
    when: 'always',
    broken: ({ world, witness }) => {
      for (const name of world.names('').filter((file) => /^spend-.*ndjson$/.test(file))) {
        const { spent, raised } = ledger(world.data(name) ?? '');
        const pulses = Math.max(1, world.pulses().length);
        const most = witness.limitUsd + raised + CALL_USD_MAX * pulses;
        if (spent > most + 1e-9) return `${name}: $${spent.toFixed(2)} of $${most.toFixed(2)}`;
      }
      return undefined;
    },
  },
  {
    name: 'a model call that was cut short is not free',
    when: 'always',
    broken: ({ world, witness }) => {
      for (const [day, spent] of world.spentUsd) {
        const { raised } = ledger(world.data(`spend-${day}.ndjson`) ?? '');
        const most = witness.limitUsd + raised + CALL_USD_MAX * Math.max(1, world.pulses().length);
        if (spent > most + 1e-9)
          return `calls for $${spent.toFixed(2)} at least were made on ${day}, $${most.toFixed(2)} allowed`;
      }
      return undefined;
    },
  },
  {
    name: 'no model is called before its cost is in the ledger',
    when: 'always',
    broken: ({ world }) =>
      world.unreserved.length === 0 ? undefined : `no row for ${world.unreserved.join(', ')} when it began`,
  },
  {
    name: 'one start of a worker is one agent',
    when: 'always',
    broken: ({ world }) => {
      const twice = [...world.agents].find(([, started]) => started > 1);
      return twice === undefined ? undefined : `generation ${twice[0]} was started ${twice[1]} times`;
    },
  },
  {
    name: 'the same command is not asked twice at once',
    when: 'always',
    broken: ({ world }) => {
      const open = world
        .names('asks')
        .filter((name) => name.startsWith('gate-') && world.data(`answers/${name}`) === undefined);
      const wanted = open.map((name) => /deploy x\d+x/.exec(world.data(`asks/${name}`) ?? '')?.[0]).filter(Boolean);
      const twice = wanted.find((cmd, index) => wanted.indexOf(cmd) !== index);
      // A pulse that was overtaken in the middle of asking, or died between the new ask and the end of the old one, leaves two for a moment.
      return twice === undefined || world.pulses().length !== 1
        ? undefined
        : `"${twice}" is asked by ${open.join(', ')}`;
    },
  },
  {
    name: 'no process of ours ends by a bug',
    when: 'always',
    broken: ({ world }) => {
      if (world.machine.bugs.length > 0) return world.machine.bugs[0];
      for (const process of world.machine.processes.values())
        if (process.ended?.code === 70) return `${process.name} ended with 70: ${process.complaint}`;
      return undefined;
    },
  },
  {
    name: 'at rest there is a pulse, and no move is open',
    when: 'rest',
    broken: ({ world }) => {
      if (world.pulses().length === 0) return 'no pulse is left';
      const open = world.names('intents');
      return open.length === 0 ? undefined : `open: ${open.join(', ')}`;
    },
  },
  {
    name: 'at rest every approval that was answered has become true or was refused',
    when: 'rest',
    broken: ({ world }) => {
      for (const name of world.names('answers').filter((file) => file.startsWith('gate-'))) {
        const id = name.replace(/\.md$/, '');
        if (!world.byHand.has(id) && world.data(`asks/${name}`) !== undefined)
          return `${id} was answered and nothing came of it`;
      }
      return undefined;
    },
  },
  {
    name: 'at rest each effect has exactly one whole line in the journal',
    when: 'rest',
    broken: ({ world, witness }) => {
      // One that stood still in the very middle of writing its line, and goes on after another told it, leaves it twice.
      const late = [...witness.stale.values()].filter((keys) => keys.has('journal.md')).length;
      const journal = `${world.data('journal.md.1') ?? ''}\n${world.data('journal.md') ?? ''}`.split('\n');
      const told = journal.filter(
        (line, at) =>
          line.startsWith('- ') &&
          // A line has its newline at both ends; without one behind it somebody died in the middle of writing it.
          !journal[at + 1]?.startsWith('- ') &&
          !/ · (?:denied by .+|expired|refused) in gate-|failed: The command was not run:/.test(line),
      );
      for (const { cmd } of world.executions) {
        const token = /x\d+x/.exec(cmd)?.[0] ?? cmd;
        const lines = told.filter((line) => line.includes(token));
        // Of a run whose supervisor died before its record nobody knows whether it was one.
        const unknown = lines.filter((line) => line.includes('what it did is not known')).length;
        const said = lines.length - unknown;
        const ran = world.executions.filter((one) => one.cmd === cmd).length;
        // What a human ran by hand and what failed is told to them alone.
        if (cmd.startsWith('echo human') && said <= ran) continue;
        // The journal is told after the effect: a disk that refuses that very line loses it, and the events say so.
        if (said > ran + late || (said + unknown < ran && !world.diskFailed))
          return `"${cmd}" ran ${ran} times and has ${said} lines`;
      }
      return undefined;
    },
  },
  {
    name: 'at rest what the sensor says has been decided upon',
    when: 'rest',
    broken: ({ world }) =>
      world.decidedDepth === world.depth || isOutOfMoney(world)
        ? undefined
        : `the sensor says ${world.depth}, and the model last decided on ${world.decidedDepth}`,
  },
  {
    name: 'at rest an answer that the human was told is recorded has reached its asker or a decision',
    when: 'rest',
    broken: ({ world }) => {
      const printed = [...world.machine.processes.values()].filter(({ argv }) => argv[0] === 'ask');
      for (const { id, text } of settledWords(world)) {
        const token = /\(\d+\)/.exec(text)?.[0];
        // What became of an approval is told from the memory.
        if (token === undefined || isOutOfMoney(world) || (id.startsWith('gate-') && world.memoryLost)) continue;
        const heard = [...world.prompts, ...printed.map((process) => process.printed)];
        if (!heard.some((one) => one.includes(token))) return `"${text}" to ${id} was never read by anybody`;
      }
      return undefined;
    },
  },
  {
    name: 'at rest the journal says what became of every answer to an approval',
    when: 'rest',
    broken: ({ world }) => {
      if (world.diskFailed) return undefined;
      const journal = `${world.data('journal.md.1') ?? ''}\n${world.data('journal.md') ?? ''}`;
      const lost = settledWords(world).find(
        ({ id }) => id.startsWith('gate-') && !new RegExp(` in ${id}\\b`).test(journal),
      );
      return lost === undefined ? undefined : `the journal does not name ${lost.id}, answered "${lost.text}"`;
    },
  },
  {
    name: 'a life of a worker, and its verify, has at most one row in the ledger',
    when: 'always',
    broken: ({ world, witness }) => {
      const ids = workerRows(world);
      const twice = ids.find((id, at) => ids.indexOf(id) !== at);
      // One that stood still between its look and its row, for longer than its lock holds, writes it all the same.
      const late = [...witness.stale.values()].some((keys) => [...keys].some((key) => key.startsWith('runs/')));
      return twice === undefined || late ? undefined : `there are two rows of ${twice}`;
    },
  },
  {
    name: 'at rest each worker that has ended has its row in the ledger',
    when: 'rest',
    broken: ({ world }) => {
      const ids = workerRows(world);
      for (const name of world.names('workers')) {
        const text = world.data(`workers/${name}/status.json`) ?? '';
        const generation = /"generation": "([0-9a-f]+)"/.exec(text)?.[1];
        if (generation === undefined || !isRecord('.json', text) || !/"state": "(?:exited|failed|killed)"/.test(text))
          continue;
        // A start that nobody has claimed yet replaced its spec, and it is that which was told.
        if (!(world.data(`workers/${name}/spec.json`) ?? generation).includes(generation)) continue;
        if (!ids.includes(`worker-${generation}`))
          return `worker ${name} has ended, and there is no row of ${generation}`;
      }
      return undefined;
    },
  },
  {
    name: 'at rest every record parses or lies in quarantine',
    when: 'rest',
    broken: ({ world }) => {
      for (const dir of ['asks', 'answers', 'consumed', 'intents', 'approvals']) {
        for (const name of world.names(dir)) {
          const text = world.data(`${dir}/${name}`);
          if (text !== undefined && !isRecord(name, text))
            return `${dir}/${name}: ${JSON.stringify(text.slice(0, 80))}`;
        }
      }
      return undefined;
    },
  },
];

/** Answers that nobody changed afterwards, and whose records no hand has touched. */
const settledWords = ({ acknowledged, byHand }: World): World['acknowledged'] =>
  acknowledged.filter(({ id }) => !byHand.has(id) && !acknowledged.some((one) => one.id === id && one.forced));

/** The human has not yet said whether the loop may spend more. */
const isOutOfMoney = (world: World): boolean => world.names('asks').some((name) => name.startsWith('budget-'));

/** All that the archive holds under the name of an id. */
function shelved(world: World, dir: 'asks' | 'answers', id: string): string[] {
  return world
    .names(`${dir}/archive`)
    .filter((name) => name === `${id}.md` || name.startsWith(`${id}~`))
    .map((name) => world.data(`${dir}/archive/${name}`) ?? '');
}

const quarantined = (world: World, flat: string): boolean =>
  world.names('quarantine').some((name) => name.startsWith(`${flat}.`));

function ledger(text: string): { spent: number; raised: number } {
  const runs = new Map<string, number>();
  let raised = 0;
  for (const line of text.split('\n').filter((one) => one.startsWith('{') && one.endsWith('}'))) {
    const row = JSON.parse(line) as { kind: string; run: string; usd: number };
    if (row.kind === 'raise') raised += row.usd;
    else if (row.kind === 'settle' || !runs.has(row.run)) runs.set(row.run, row.usd);
  }
  return { spent: [...runs.values()].reduce((sum, usd) => sum + usd, 0), raised };
}

/** Ids of the whole rows about workers and verifies, each as often as it stands there. */
const workerRows = (world: World): string[] =>
  world
    .names('runs')
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => (world.data(`runs/${name}`) ?? '').split('\n'))
    .flatMap((line) => /^\{.*"id":"((?:worker|verify)-[0-9a-f]+)".*\}$/.exec(line)?.[1] ?? []);

function isRecord(name: string, text: string): boolean {
  if (name.endsWith('.md')) return /^---\n[\s\S]*?\n---\n/.test(text);
  try {
    JSON.parse(text);
    return name.endsWith('.json');
  } catch {
    return false;
  }
}
