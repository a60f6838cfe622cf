/** Who runs this process: a human at a terminal, or a child that tend itself started. */
export interface Session {
  /** `$TEND_SESSION_ID`: worker id, or `decider`, `sensor`, `shell`; undefined for a human. */
  id?: string;
  /** Generation nonce of the worker, `$TEND_GENERATION`. */
  generation?: string;
  /** Login name, recorded with answers. */
  user: string;
}
