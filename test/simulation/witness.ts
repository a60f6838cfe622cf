/** Looks at the data dir after every event and remembers what a human could have seen, so that it can be missed later. */

import { DATA, type World } from './outside.js';
import type { Process } from './process.js';

/** An approval as the gate raised it. */
interface Raised {
  cmd: string | undefined;
  text: string;
}

export class Witness {
  readonly world: World;
  /** Asks that were visible, with their first text. */
  readonly asks = new Map<string, Raised>();
  /** Consumed marks as they were first seen. */
  readonly consumed = new Map<string, string>();
  /** Per pulse: names that it changed after a newer pulse had taken over. */
  readonly stale = new Map<Process, Set<string>>();
  /** Largest day's limit that was ever in force, by what config and ledgers say, in dollars. */
  limitUsd = 0;
  readonly #epochs = new Map<Process, number>();
  #newest = 0;

  constructor(world: World) {
    this.world = world;
  }

  look(): void {
    const { world } = this;
    for (const name of world.names('asks')) {
      const id = name.replace(/\.md$/, '');
      if (!name.endsWith('.md') || this.asks.has(id) || world.byHand.has(id)) continue;
      const text = world.data(`asks/${name}`);
      if (text !== undefined) this.asks.set(id, { cmd: commandOf(text), text });
    }
    for (const name of world.names('consumed'))
      if (!this.consumed.has(name)) this.consumed.set(name, world.data(`consumed/${name}`) ?? '');
    const config = JSON.parse(world.data('config.json') ?? '{}') as { budget?: { day_usd?: number } };
    this.limitUsd = Math.max(this.limitUsd, config.budget?.day_usd ?? 10);
  }

  /** Every call of a process that changed something. */
  changed(process: Process, call: string, path: string): void {
    if (process.argv[0] !== '__pulse' || !path.startsWith(`${DATA}/`)) return;
    const key = path.slice(DATA.length + 1);
    const epoch = /^locks\/pulse\/(\d+)\.json$/.exec(key)?.[1];
    // One that paused before it could be sure of its number gives it back and takes the next.
    if (epoch !== undefined && call === 'link') {
      this.#epochs.set(process, Number(epoch));
      this.#newest = Math.max(this.#newest, Number(epoch));
      return;
    }
    const mine = this.#epochs.get(process);
    if (mine === undefined || mine >= this.#newest || !isVisible(call, key)) return;
    if (!this.stale.has(process)) this.stale.set(process, new Set());
    this.stale.get(process)!.add(key);
  }
}

/** What a reader could see: not temp files, not locks of directories, not what a supervisor's start needs, not the machine log. */
function isVisible(call: string, key: string): boolean {
  if (key.split('/').some((part) => part.startsWith('.'))) return false;
  if (call === 'open' || call === 'mkdir') return false;
  return !/^locks\/|\/(started\.json|supervisor\.log)$|^events-/.test(key);
}

/** The shell text that an approval asks for. */
function commandOf(text: string): string | undefined {
  return /"?cmd"?: ?"([^"]*)"/.exec(text)?.[1] ?? /cmd: ([^\n]+)/.exec(text)?.[1];
}
