/** Where this program and what ships with it lie. */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseJson } from '../lib/json.js';
import { TendError } from '../model/error.js';

/** The package's name in package.json; the directory that holds it is our root, in a checkout as in node_modules. */
const PACKAGE = 'tend-loop';

/** Absolute path of the program, links followed, for children that call back. */
export function programPath(): string {
  const path = process.argv[1] ?? '';
  try {
    return realpathSync(path);
  } catch (error) {
    throw new TendError('environment', `Cannot find the tend program at ${JSON.stringify(path)}`, {
      code: 'no-program',
      cause: error,
    });
  }
}

/** The shipped seeds, found from a module of ours upward, so that the bundle and the sources both find them. */
export function seedsDir(moduleUrl: string): string {
  for (let dir = dirname(fileURLToPath(moduleUrl)); dir !== dirname(dir); dir = dirname(dir))
    if (isPackageRoot(dir)) return join(dir, 'seeds');
  throw new TendError(
    'environment',
    `Cannot find the shipped seeds: no package.json of ${PACKAGE} above ${moduleUrl}`,
    {
      code: 'no-seeds',
    },
  );
}

function isPackageRoot(dir: string): boolean {
  try {
    const { value } = parseJson(readFileSync(join(dir, 'package.json'), 'utf8'));
    return (value as { name?: unknown } | undefined)?.name === PACKAGE;
  } catch {
    // No package.json at this height: look further up.
    return false;
  }
}

/** `v20.19.1`. */
export const nodeVersion = (): string => process.version;

/** `linux`, `darwin`. */
export const platformName = (): string => process.platform;

/** Version of the installed package, found as the seeds are. */
export function programVersion(seeds: string): string {
  const { value } = parseJson(readFileSync(join(dirname(seeds), 'package.json'), 'utf8'));
  return String((value as { version?: unknown }).version);
}
