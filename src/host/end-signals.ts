/** The signals by which a machine or a person asks a process to end: they become one call, not a sudden death. */
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/** Calls `handle` at every such signal until the returned function is called. */
export function onEndSignals(handle: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, handle);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle);
  };
}

/** Pid of this process, for records that people read; it proves nothing. */
export const ownPid = (): number => process.pid;
