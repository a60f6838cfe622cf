/** What every part of the server is given. */
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { VERBS } from '../../contract/registry.js';
import type { Context, Verb } from '../../contract/verb.js';

export interface Serving {
  server: Server;
  context: Context;
  /** Aborts when the client is gone. */
  gone: AbortSignal;
  /** The session of tend's in which we are; undefined: a human's. */
  session: string | undefined;
  /** Everything that was asked and is not answered yet. */
  calls: UnderWay;
}

/** Promises under way: `add` gives back what it was given, `settled` resolves when none is left and the answers are on their way. */
export interface UnderWay {
  add<T>(work: Promise<T>): Promise<T>;
  settled(): Promise<void>;
}

/** A verb of the contract by its words. Throws for one that is not there: the tables of this folder name only such. */
export async function loadVerb(words: string): Promise<Verb> {
  const load = VERBS[words];
  if (!load) throw new Error(`there is no verb "${words}"`);
  return (await load()).verb;
}

export function underWay(): UnderWay {
  const all = new Set<Promise<unknown>>();
  return {
    add(work) {
      all.add(work);
      const drop = (): void => void all.delete(work);
      work.then(drop, drop);
      return work;
    },
    async settled() {
      while (all.size > 0) await Promise.allSettled(all);
      // The library writes an answer some turns after its handler has ended.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}
