/** The JSON shape of every move, generated from the schema that will judge the answer, so the two cannot disagree. */
import { moveSchema } from '../../model/move.js';

interface Def {
  type: string;
  innerType?: { _zod: { def: Def } };
  entries?: Record<string, string>;
  values?: unknown[];
}

/** One line a move: `{"action":"kill_worker","id":ID,"reason"?:TEXT}`. `?` marks what may be left out. */
export function moveShapes(): string {
  return moveSchema._zod.def.options
    .map((option) => {
      const fields = Object.entries(option._zod.def.shape as Record<string, { _zod: { def: Def } }>);
      return `{${fields.map(([name, field]) => shape(name, field._zod.def)).join(',')}}`;
    })
    .join('\n');
}

function shape(name: string, def: Def): string {
  if (def.type === 'optional' && def.innerType) return `"${name}"?:${wanted(name, def.innerType._zod.def)}`;
  return `"${name}":${wanted(name, def)}`;
}

function wanted(name: string, def: Def): string {
  if (def.type === 'literal') return JSON.stringify(def.values?.[0]);
  if (def.type === 'enum')
    return Object.keys(def.entries ?? {})
      .map((value) => JSON.stringify(value))
      .join('|');
  if (def.type === 'array') return '[TEXT,…]';
  if (def.type === 'number') return name.endsWith('_usd') ? 'DOLLARS' : 'INTEGER';
  return name === 'id' || name === 'name' ? 'ID' : 'TEXT';
}
