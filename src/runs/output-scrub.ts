/** What takes secrets out of the output of a target before anybody keeps it: known shapes, and values of the child's own variables. */
import { type Scrub, scrubber, secretsOf } from '../lib/scrub.js';
import { scrubAssignments } from '../lib/scrub-assignments.js';
import { secretNames } from '../store/config-text.js';

/** What stands in place of a secret (loops spec 8.10). */
const SCRUBBED = (): string => '[SCRUBBED]';

/** `env` is the child's, `configPath` the profile's config, whose `secrets` names more variables. Made when there is something to scrub. */
export function outputScrub(env: Readonly<Record<string, string>>, configPath: string): (text: string) => string {
  let known: Scrub | undefined;
  return (text) => {
    if (text === '') return text;
    // Named like a secret, and tells attempts apart.
    const { LOOPS_RUN_TOKEN: _token, ...variables } = env;
    known ??= scrubber(secretsOf(variables, secretNames(configPath) ?? []));
    return scrubAssignments(known(text, SCRUBBED), SCRUBBED);
  };
}
