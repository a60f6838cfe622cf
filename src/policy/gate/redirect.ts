/** Redirects: reading and throwing away pass, writing to a file is asked. Pure. */
import type { Redirection } from 'unbash';
import { readWord, type Scope } from './arg.js';
import { gap } from './gaps.js';
import { ask, MORE, type Result, secretOf, type Walk } from './walk.js';

/** The objection to one redirect. */
export function walkRedirect(walk: Walk, redirect: Redirection, scope: Scope): Result {
  if (redirect.type === 'HereDoc') return ask(walk, redirect, 'its here-document is not judged');
  const { operator, target, descriptor } = redirect;
  if (!target) return ask(walk, redirect, MORE);
  if (descriptor?.type === 'FileDescriptorVariable') return ask(walk, redirect, 'it sets a variable by a redirect');
  if (
    gap(walk.source, redirect.pos, target.pos) !== `${descriptor?.value ?? ''}${operator}` ||
    target.end !== redirect.end
  )
    return ask(walk, redirect, MORE);
  if (operator.startsWith('<') && target.text !== '/dev/null') walk.stdin.fed = true;
  const args = readWord(target, scope);
  const [arg] = args;
  if (typeof args === 'string' || args.length !== 1 || typeof arg !== 'object')
    return ask(walk, redirect, typeof args === 'string' ? args : MORE);
  if (operator === '<<<') return undefined;
  if (operator === '<') {
    if (!arg.fixed && arg.many) return ask(walk, redirect, 'it is not certain what it reads');
    return secretOf(walk, redirect, arg);
  }
  if (operator === '>&' || operator === '<&')
    return /^(\d|-)$/.test(target.text) ? undefined : ask(walk, redirect, 'it writes to a file');
  if (arg.fixed && arg.value === '/dev/null' && operator !== '<>') return undefined;
  return ask(walk, redirect, 'it writes to a file');
}
