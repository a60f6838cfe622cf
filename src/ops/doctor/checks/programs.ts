/** Programs that tend itself starts, whatever runner is configured. */
import { whichProgram } from '../../../host/which.js';
import { type Check, type Finding, fail, ok, warn } from '../check.js';

export const programsCheck: Check = {
  id: 'programs',
  about: 'bash, sh and git are on PATH',
  look: ({ env, disk }) => {
    const path = (name: string) => whichProgram(name, env, disk.root);
    const install = 'install it with the package manager of this machine';
    const found: Finding[] = [];
    if (!path('bash')) found.push(fail('bash is not on PATH: commands, verifies and workers are run by it', install));
    if (!path('sh')) found.push(fail('sh is not on PATH: agent CLIs and sensors need it', install));
    if (!path('git')) found.push(warn('git is not on PATH: workers cannot have worktrees of their own', install));
    return found.length > 0 ? found : [ok([path('bash'), path('sh'), path('git')].join(', '))];
  },
};
