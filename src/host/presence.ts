/** Names of the machine outside any data dir: are they there? A look that fails says no, so nothing may be concluded from a no. */
import { existsSync } from 'node:fs';

export const isThere = (path: string): boolean => existsSync(path);

/** Whether systemd keeps this user's services from boot on, and after a logout. Undefined where there is no such thing. */
export function lingers(user: string): boolean | undefined {
  return existsSync('/run/systemd/system') ? existsSync(`/var/lib/systemd/linger/${user}`) : undefined;
}
