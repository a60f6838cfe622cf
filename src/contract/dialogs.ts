import type { InitChoices, InitRequest } from '../ops/init.js';

/** Questions that a client can put to the person in front of it. A verb that needs one works without it too, from its flags. */
export interface Dialogs {
  /** Undefined when the person gave up: then nothing may be written. */
  init(choices: InitChoices, request: InitRequest): Promise<InitRequest | undefined>;
  /** Shows the lines, puts the question; giving up is a no. */
  confirm?(about: { title: string; lines: readonly string[]; question: string }): Promise<boolean>;
}
