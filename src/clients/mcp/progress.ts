/** Signs of life of a call that may block for hours: clients give a call up that says nothing. */

/** Often enough for a client that waits a minute for a sign. */
const EVERY_S = 5;

/**
 * Tells `send` at once, and every few seconds from then on, how many seconds have passed; the returned function ends it. `send` must
 * not throw.
 */
export function tellProgress(send: (seconds: number) => void): () => void {
  let seconds = 0;
  send(seconds);
  const timer = setInterval(() => {
    seconds += EVERY_S;
    send(seconds);
  }, EVERY_S * 1000);
  return () => clearInterval(timer);
}
