/**
 * The world around the program, and what a witness of it knows: the sensor's value, what the model says next, which commands
 * really ran, what the human really said and was told. Nothing here is read from the program's own records.
 */
import type { Machine, Outside } from './machine.js';
import type { Process } from './process.js';

export const DATA = '/data';
/** The knob's default: what a call counts until it is settled. */
const ESTIMATE_USD = 0.05;
const NOTHING = '{"action":"noop","reason":"all is well"}';

export interface Execution {
  cmd: string;
  /** The run that it belongs to. */
  mark: string;
}

export interface Said {
  id: string;
  text: string;
  forced: boolean;
}

export class World {
  machine!: Machine;
  /** What the sensor prints. */
  depth = 0;
  /** What the model says, next first; nothing left: noop. */
  readonly decisions: string[] = [];
  /** What a model call costs in dollars, as it reports it; undefined: it reports nothing. */
  cost: number | undefined = 0.01;
  /** Asked again with nothing new to say, the model says the same again. */
  insists = false;
  #said: string | undefined;
  /** How often the model wanted a command. */
  readonly wishes = new Map<string, number>();
  deciderFails = false;
  deciders = 0;
  /** What the sensor said last, and what it had said when the model last gave a decision. */
  sensedDepth = 0;
  decidedDepth = 0;
  /** All that models were told. */
  readonly prompts: string[] = [];
  /** Runs of models whose cost was not in the ledger when they began. */
  readonly unreserved: string[] = [];
  /** How many agents were started for each generation of a worker. */
  readonly agents = new Map<string, number>();
  /** A hand has removed or spoilt the memory: what it was about to tell is lost with it. */
  memoryLost = false;
  /** Per day of the simulated clock: what its model calls cost at least in the ledger, settled or only reserved. */
  readonly spentUsd = new Map<string, number>();
  sensors = 0;
  /** Commands that end by themselves; the others run until the end of the faults. */
  commandsEnd = true;
  readonly executions: Execution[] = [];
  readonly running = new Set<Process>();
  readonly workers = new Set<Process>();
  /** Answers that a verb has acknowledged to the human: exit code 0. */
  readonly acknowledged: Said[] = [];
  /** Per command that had to be asked: the asks, as the gate raised them, to which a human began to say yes. */
  readonly yeses = new Map<string, Set<string>>();
  /** Ids whose records a hand has edited or removed: nothing is promised about those. */
  readonly byHand = new Set<string>();
  /** The disk refused something in this history: best-effort lines may be missing. */
  diskFailed = false;
  #count = 0;

  /** A name that was not used before in this history. */
  next(): number {
    return ++this.#count;
  }

  readonly outside: Outside = (process, argv, end) => {
    if (argv[0]!.startsWith(`${DATA}/sensors/`)) {
      this.sensors += 1;
      process.print(JSON.stringify({ signal: this.depth }));
      this.sensedDepth = this.depth;
      return end({ code: 0, signal: null });
    }
    if (argv[1] === '--norc') return this.#decide(process, end);
    const session = process.env['TEND_SESSION_ID'];
    if (session === 'shell') return this.#command(process, argv[2] ?? '', end);
    if (argv.at(-1)?.startsWith('check')) return end({ code: 0, signal: null });
    this.#worker(process);
  };

  #decide(process: Process, end: Parameters<Outside>[2]): void {
    this.deciders += 1;
    this.#heard(process);
    const day = new Date(this.machine.now()).toISOString().slice(0, 10);
    this.spentUsd.set(day, (this.spentUsd.get(day) ?? 0) + Math.min(ESTIMATE_USD, this.cost ?? ESTIMATE_USD));
    const said = this.decisions.shift() ?? (this.insists ? this.#said : undefined) ?? NOTHING;
    this.#said = said;
    if (!this.deciderFails && said.startsWith('{')) this.decidedDepth = this.sensedDepth;
    const wish = /"cmd":"([^"]*)"/.exec(said)?.[1];
    if (wish !== undefined) this.wishes.set(wish, (this.wishes.get(wish) ?? 0) + 1);
    if (this.cost !== undefined)
      process.print(`{"type":"usage","input_tokens":10,"output_tokens":1,"cost_usd":${this.cost}}\n`);
    process.print(`${said}\n`);
    end({ code: this.deciderFails ? 1 : 0, signal: null }, 200);
  }

  /** What is on the disk when a model begins. */
  #heard(process: Process): void {
    const [, day = '', run = ''] = /\/runs\/([^/]+)\/([^/]+)\//.exec(process.env['TEND_DECISION_FILE'] ?? '') ?? [];
    for (const name of this.names(`runs/${day}/${run}`).filter((one) => /^prompt.*\.md$/.test(one)))
      this.prompts.push(this.data(`runs/${day}/${run}/${name}`) ?? '');
    // The clock may have been set between the run's name and its reservation.
    const ledgers = this.names('').filter((name) => /^spend-.*ndjson$/.test(name));
    if (!ledgers.some((name) => this.data(name)?.includes(`"${run}"`))) this.unreserved.push(run);
  }

  #command(process: Process, cmd: string, end: Parameters<Outside>[2]): void {
    this.executions.push({ cmd, mark: process.env['TEND_MARK'] ?? '' });
    if (this.commandsEnd) end({ code: cmd.includes('fail') ? 1 : 0, signal: null }, 300);
    else this.running.add(process);
  }

  #worker(process: Process): void {
    this.workers.add(process);
    const generation = process.env['TEND_GENERATION'] ?? '';
    this.agents.set(generation, (this.agents.get(generation) ?? 0) + 1);
    process.onEnd.push(() => this.workers.delete(process));
  }

  data(key: string): string | undefined {
    return this.machine.disk.text(`${DATA}/${key}`);
  }
  names(dir: string): string[] {
    return this.machine.disk.names(`${DATA}/${dir}`).filter((name) => !name.startsWith('.'));
  }
  pulses(): Process[] {
    return this.machine.living.filter((process) => process.argv[0] === '__pulse');
  }
}
