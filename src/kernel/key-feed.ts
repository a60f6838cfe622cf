/** Keys to look at again from several sources, each once until it is taken: file events, and what a controller notices itself. */
export interface KeyFeed {
  add(key: string): void;
  /** Ends when the signal aborts. */
  keys(signal: AbortSignal): AsyncGenerator<string>;
}

export function keyFeed(): KeyFeed {
  const pending = new Set<string>();
  let wake = (): void => undefined;
  return {
    add(key) {
      pending.add(key);
      wake();
    },
    async *keys(signal) {
      const onAbort = (): void => wake();
      signal.addEventListener('abort', onAbort);
      try {
        while (!signal.aborted) {
          const next = pending.values().next();
          if (next.done) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          pending.delete(next.value);
          yield next.value;
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
  };
}
