/** Keys to look at again from several sources, each once until it is taken: file events, and what a controller notices itself. */
export interface KeyFeed {
  add(key: string): void;
  /**
   * Ends when the signal aborts. `watch` adds keys until then; when it fails (a directory that cannot be listed), so does this list,
   * once its keys are taken: the manager says so and begins it anew.
   */
  keys(signal: AbortSignal, watch: (signal: AbortSignal) => Promise<void>): AsyncGenerator<string>;
}

export function keyFeed(): KeyFeed {
  const pending = new Set<string>();
  let wake = (): void => undefined;
  return {
    add(key) {
      pending.add(key);
      wake();
    },
    async *keys(signal, watch) {
      let failed: { error: unknown } | undefined;
      watch(signal).catch((error: unknown) => {
        failed = { error };
        wake();
      });
      const onAbort = (): void => wake();
      signal.addEventListener('abort', onAbort);
      try {
        while (!signal.aborted) {
          const next = pending.values().next();
          if (next.done) {
            if (failed) throw failed.error;
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
