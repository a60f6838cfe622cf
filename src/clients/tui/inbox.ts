/** What happened since the last frame. All that arrives in one turn of the event loop is taken at once, and is one frame. */
import type { Event } from './event.js';

export interface Inbox {
  put(event: Event): void;
  /** There is something to do, although nothing happened: paint, or look whether to end. */
  wake(): void;
  /** Waits until something happened, then takes all of it. */
  take(): Promise<Event[]>;
}

export function openInbox(): Inbox {
  const events: Event[] = [];
  let isAwake = false;
  let ring = () => {};
  const wake = () => {
    isAwake = true;
    ring();
  };
  return {
    wake,
    put(event) {
      events.push(event);
      wake();
    },
    async take() {
      if (!isAwake) await new Promise<void>((resolve) => (ring = resolve));
      await new Promise((resolve) => setImmediate(resolve));
      isAwake = false;
      return events.splice(0);
    },
  };
}
