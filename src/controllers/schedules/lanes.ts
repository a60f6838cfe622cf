/** How many attempts run at once: commands in one lane, agents and workflows in another. Who finds a lane full is called when a place is free. */
import type { Target } from '../../model/loop.js';

export interface Lanes {
  hasPlace(kind: Target['type']): boolean;
  /** Takes a place; the returned function gives it back, and names who waits for one, first come first. */
  take(kind: Target['type']): () => string | undefined;
  await(kind: Target['type'], id: string): void;
}

const laneOf = (kind: Target['type']): 'command' | 'agent' => (kind === 'command' ? 'command' : 'agent');

export function makeLanes(sizes: () => { command: number; agent: number }): Lanes {
  const taken = { command: 0, agent: 0 };
  const waiting = { command: new Set<string>(), agent: new Set<string>() };
  return {
    hasPlace: (kind) => taken[laneOf(kind)] < sizes()[laneOf(kind)],
    take(kind) {
      const lane = laneOf(kind);
      taken[lane] += 1;
      return () => {
        taken[lane] -= 1;
        const next = waiting[lane].values().next();
        if (next.done) return undefined;
        waiting[lane].delete(next.value);
        return next.value;
      };
    },
    await: (kind, id) => void waiting[laneOf(kind)].add(id),
  };
}
