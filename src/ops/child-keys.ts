/** What a verb needs of runners/provider-keys.ts: the contract knows no runners. */
import type { Env } from '../host/env.js';
import { envFor } from '../runners/provider-keys.js';

/** The environment that the pulse gives to sensors: without provider keys, but for those of the config's `pass_keys`. */
export const withoutProviderKeys = (env: Env, pass: readonly string[] = []): Env => envFor(env, undefined, pass);
