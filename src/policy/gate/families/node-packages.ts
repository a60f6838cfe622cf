/** npm, pnpm and yarn: what is installed, what there is, what is outdated. Installing runs scripts, so it is asked. */
import type { Family, Table } from '../verdict.js';

const LIST =
  '--depth: --json --parseable --long --all -a -g --global --prod --production --dev --omit: --include: --workspaces -w: --workspace: --link --package-lock-only --only: -r --recursive --filter: -P -D --no-optional --registry: --silent -s -l';

/** npm and pnpm take the same words. `run` without a name lists the scripts, with one it runs it. */
const node: Family = {
  globals: '-C: --prefix: --dir: --silent -s --no-color --loglevel: --json -g --global -w: --workspace: --workspaces',
  bare: '--version -v -V --help -h -l @0',
  sub: {
    ...Object.fromEntries('ls,list,la,ll,outdated,why,explain,query'.split(',').map((name) => [name, LIST])),
    ...Object.fromEntries(
      'view,info,show,v'.split(',').map((name) => [name, '--json --registry: --depth: -w: --workspace:']),
    ),
    ...Object.fromEntries(
      'search,s,find'
        .split(',')
        .map((name) => [name, '--json --long --parseable --searchlimit: --no-description --registry:']),
    ),
    ...Object.fromEntries(
      'root,prefix,bin,ping,whoami,help-search'.split(',').map((name) => [name, '-g --global --registry: --json']),
    ),
    // With a name it opens a browser.
    fund: '--json @0',
    audit: '--json --audit-level: --omit: --only: --prod --production --dev --package-lock-only -P -D @0',
    'audit signatures': '--json @0',
    run: '--json --workspaces -w: -s --silent @0',
    'run-script': '--json @0',
    help: '',
    version: '--json @0',
    'config list': '-l --long --json @0',
    'config ls': '-l --long --json @0',
    'config get': { flags: '-g --global --location:', args: /^[a-z][a-z-]*$/ },
    'dist-tag ls': '--registry:',
    'owner ls': '--registry:',
    'access list packages': '--json',
    'cache ls': '@0',
    'licenses list': '--json --prod --dev --long',
    'store path': '@0',
    'pkg get': '--json',
    doctor: '@0',
    diff: '--diff: --diff-name-only --diff-unified:',
    'team ls': '--json',
  },
};

/** What pnpm does not know itself it takes for a script of the project. */
const NOT_PNPM = /^(query|diff|find|fund|explain|help-search|licenses|audit signatures|cache ls|config ls)$/;

/** `-w` says "in the root" to pnpm and stands alone: `pnpm run -w build` runs a script. */
const alone = (flags: string): string => flags.replace(/(^| )-w:/g, '$1-w').replace(/(^| )--workspace:/g, '');

/** What npm, pnpm and yarn know themselves; for the latter two any other word is a script of the project. */
const OWN =
  /^(add|install|i|remove|rm|uninstall|update|up|upgrade|run|exec|dlx|init|create|publish|pack|link|unlink|import|rebuild|prune|store|patch|deploy|dedupe|set|plugin|config|cache|version|login|logout)$/;

export const NODE_PACKAGES: Table = {
  npm: node,
  pnpm: {
    globals: alone(node.globals ?? ''),
    bare: '--version -v --help -h @0',
    own: OWN,
    sub: Object.fromEntries(
      Object.entries(node.sub)
        .filter(([name]) => !NOT_PNPM.test(name))
        .map(([name, rule]) => [name, typeof rule === 'string' ? alone(rule) : rule]),
    ),
  },
  yarn: {
    bare: '+--version +-v +--help @0',
    own: /^(add|install|remove|up|upgrade|run|exec|dlx|init|create|publish|pack|link|unlink|dedupe|set|plugin|config|cache|version|login|logout)$/,
    sub: {
      ...Object.fromEntries(
        'list,outdated,why,info,audit,licenses list,workspaces info,workspaces list,npm info,npm audit,cache dir'
          .split(',')
          .map((name) => [
            name,
            '--json --depth: --pattern: --all -A -R --recursive --silent -s --level: --groups: --since',
          ]),
      ),
      versions: '@0',
    },
  },
};
