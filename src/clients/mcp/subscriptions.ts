/**
 * Tells a client what changed of what it watches. Level-triggered: at each news everything that is watched is read again and compared
 * with what the client was told last, so a news that is lost or comes twice tells nothing wrong.
 */
import { hash32 } from '../../lib/hash.js';

export interface Source {
  /** Text of a resource; what cannot be read has a text as well: why. Never throws. */
  text(uri: string): Promise<string>;
  /** Addresses of all resources. Never throws. */
  addresses(): Promise<readonly string[]>;
}

export interface Told {
  updated(uri: string): void;
  listChanged(): void;
}

export interface Subscriptions {
  /** From now on changes of it are told. */
  add(uri: string): Promise<void>;
  drop(uri: string): void;
  /** The client has been given the list: from now on changes of it are told. */
  listed(addresses: readonly string[]): void;
  /** Reads again what is watched, and tells what differs. */
  look(): Promise<void>;
}

export function subscriptions(source: Source, told: Told): Subscriptions {
  const marks = new Map<string, string>();
  let list: string | undefined;
  const lookAtList = async (): Promise<void> => {
    if (list === undefined) return;
    const now = listMark(await source.addresses());
    if (now === list) return;
    list = now;
    told.listChanged();
  };
  return {
    async add(uri) {
      marks.set(uri, hash32(await source.text(uri)));
    },
    drop: (uri) => void marks.delete(uri),
    listed: (addresses) => {
      list = listMark(addresses);
    },
    async look() {
      await lookAtList();
      for (const [uri, before] of [...marks]) {
        const now = hash32(await source.text(uri));
        // Dropped while it was read, or told by another look.
        if (marks.get(uri) !== before || now === before) continue;
        marks.set(uri, now);
        told.updated(uri);
      }
    },
  };
}

const listMark = (addresses: readonly string[]): string => hash32(JSON.stringify([...addresses].sort()));
