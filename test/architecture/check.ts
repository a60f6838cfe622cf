/** Pure check of one module against the law; imports.test.ts feeds it src/ and a planted violation. */
import { posix } from 'node:path';
import { BANNED_NAMES, LONG_FILES, MAX_LINES, OWNERS, ROOMS, SIBLINGS } from './layers.js';

const SPEC = /(?:\bfrom\s*|\bimport\s*|\bimport\(\s*)['"]([^'"\n]+)['"]/g;

/** Returns every way the module breaks the law, each message naming the cure. `path` is relative to src/. */
export function violations(path: string, text: string): string[] {
  const [room, sub] = path.includes('/') ? path.split('/') : ['(wiring)'];
  const found: string[] = [];
  if (BANNED_NAMES.test(path)) found.push(`${path}: name it after its subject`);
  if (text.split('\n').length > MAX_LINES && !LONG_FILES[path])
    found.push(`${path}: over ${MAX_LINES} lines, split by reason to change`);
  if (room === '(wiring)') return found;
  if (!(room! in ROOMS)) return [...found, `${path}: unknown room, add a row to layers.ts`];
  for (const [, spec] of text.matchAll(SPEC)) found.push(...importProblem(path, room!, sub!, spec!));
  return found;
}

/** `@scope/name/file.js` and `name/file.js` belong to whom their package belongs. */
const packageOf = (spec: string): string => spec.split('/', spec.startsWith('@') ? 2 : 1).join('/');

function importProblem(path: string, room: string, sub: string, spec: string): string[] {
  if (!spec.startsWith('.')) {
    const owner = OWNERS[spec] ?? OWNERS[packageOf(spec)];
    return owner && !owner.includes(room)
      ? [`${path}: "${spec}" belongs to ${owner.join('/ or ')}/, ask it instead`]
      : [];
  }
  const [toRoom, toSub] = posix.join(posix.dirname(path), spec).split('/');
  if (toRoom !== room) return ROOMS[room]!.includes(toRoom!) ? [] : [`${path}: ${room}/ may not import ${toRoom}/`];
  return SIBLINGS.includes(room) && toSub !== sub
    ? [`${path}: ${room}/${sub} may not import ${room}/${toSub}, meet through files`]
    : [];
}
