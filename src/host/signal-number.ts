import { constants } from 'node:os';

/** Number of a signal's name on this machine, for exit codes of the form 128+n; 0 for a name it does not know. */
export function signalNumber(name: string): number {
  return (constants.signals as Readonly<Record<string, number>>)[name] ?? 0;
}
