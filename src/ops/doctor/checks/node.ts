/** Is this Node new enough? */
import { nodeVersion } from '../../../host/program.js';
import { type Check, fail, ok } from '../check.js';

/** `engines` of package.json: module syntax detection and the test runner's floor begin there. */
export const NODE_LEAST = [20, 19] as const;

/** Pure: `v20.19.1` → whether tend runs on it. */
export function isNodeEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > NODE_LEAST[0] || (major === NODE_LEAST[0] && minor >= NODE_LEAST[1]);
}

export const nodeCheck: Check = {
  id: 'node',
  about: 'version of Node',
  look: () => {
    const version = nodeVersion();
    return isNodeEnough(version)
      ? [ok(`Node ${version.replace(/^v/, '')}`)]
      : [fail(`Node ${version} is too old, ${NODE_LEAST.join('.')} or newer is wanted`, './install.sh')];
  },
};
