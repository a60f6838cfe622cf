/** The `goal` of a workflow or a step: an objective in our words. Pure. */
import type { ObjectiveConfig } from '../../model/loop.js';
import {
  type Fields,
  fieldsOf,
  knownKeys,
  oneOf,
  optionalCount,
  optionalText,
  present,
  requiredText,
  wrong,
} from './findings.js';

const KEYS = ['objective', 'tokenBudget', 'model', 'maxTurns', 'maxTokens', 'autoExecute'];
/** What a person writes in a few paragraphs (loops spec 3.2). */
const OBJECTIVE_CHARS_MAX = 4_000;

export function readObjective(holder: Fields): ObjectiveConfig | undefined {
  if (holder.value['goal'] === undefined) return undefined;
  const fields = fieldsOf(holder, 'goal');
  if (!fields) return undefined;
  const { path, value, found } = fields;
  knownKeys(found, path, value, KEYS);
  const objective = requiredText(fields, 'objective');
  if (objective !== undefined && objective.length > OBJECTIVE_CHARS_MAX)
    wrong(found, `${path}.objective`, `it has ${objective.length} characters, ${OBJECTIVE_CHARS_MAX} at most`);
  const config = {
    objective,
    tokenBudget: optionalCount(fields, 'tokenBudget'),
    model: optionalText(fields, 'model'),
    maxTurns: optionalCount(fields, 'maxTurns'),
    maxTokens: optionalCount(fields, 'maxTokens'),
    autoExecute:
      value['autoExecute'] === undefined
        ? undefined
        : oneOf(fields, 'autoExecute', ['off', 'readyOnly', 'aiDirected'] as const),
  };
  return objective === undefined ? undefined : (present(config) as ObjectiveConfig);
}
