/** Command lines of code hosts: lists and views. Writing, uploading, downloading and opening a browser are asked. */
import type { Arg } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { SHOWS_ENV } from '../secrets.js';
import { each, type Rule, type Table } from '../verdict.js';

const LIST =
  '-L: --limit: -s: --state: -l: --label: -a: --author: -A: --assignee: -S: --search: --json: -q: --jq: -t: --template: -H: --head: -B: --base: -m: --milestone: --mention: --app: -d --draft -b: --branch: -w: --workflow: -e: --event: -u: --user: -c: --commit: --status: --created: --all --archived --fork --source --no-archived --language: --topic: --visibility: --order: --sort: --owner: --repo: --org: --env: --exclude-drafts --exclude-pre-releases --public --secret --filter: --include-content --key: --ref: --closed --format: --match: --stars: --forks: --size: --updated: --followers: --good-first-issues: --license: --number-topics: --involves: --commenter: --reviewed-by: --review: --checks: --interactions: --comments: --reactions: --filename: --extension: --author-date: --committer: --merged --merged-at: --no-assignee --no-label --locked';
const VIEW =
  '-c --comments --json: -q: --jq: -t: --template: -y --yaml -r: --ref: --log --log-failed --verbose -v -j: --job: --exit-status -a: --attempt: --name-only --patch --color: --required --watch --fail-fast -i: --interval: -b: --branch: --files -f: --filename: --raw --compact --hostname: --active --format: --owner: --repo: --org:';

/** The jq inside of gh knows the environment. */
const jqProblem = (args: readonly Arg[]): string | undefined =>
  args.some((arg, at) => {
    const isProgram = /^(-[a-zA-Z]*q|--jq)$/.test(args[at - 1]?.value ?? '') || /^(-[a-zA-Z]*q|--jq)./.test(arg.value);
    return isProgram && (!arg.fixed || SHOWS_ENV.test(arg.value));
  })
    ? 'its filter may show the environment, which may hold secrets'
    : undefined;

/** A list or a view with these harmless flags. */
const looks =
  (flags: string): Rule =>
  (args) => {
    const { problem } = readArgs(grammarOf(`${flags} -R: --repo:`), args);
    return problem ? `"gh": ${problem}` : jqProblem(args);
  };

const READING_METHOD = /^(GET|HEAD)$/i;

/** `gh api PATH` reads; any field, body or method makes it more. */
const api: Rule = (args: readonly Arg[]) => {
  const { problem, flags, positionals } = readArgs(
    grammarOf(
      '-X: --method: -H: --header: -q: --jq: -t: --template: -i --include --paginate --slurp --cache: --hostname: -p: --preview: --silent --verbose -f: --raw-field: -F: --field: @1',
    ),
    args,
  );
  if (problem) return `"gh api": ${problem}`;
  const shows = jqProblem(args);
  if (shows) return shows;
  if (flags.some((flag) => /^(-X|--method)$/.test(flag.name) && !READING_METHOD.test(flag.value ?? '')))
    return 'it may change what is on the server';
  const reads = flags.some((flag) => /^(-X|--method)$/.test(flag.name));
  const isQuery = positionals[0]?.fixed === true && positionals[0].value === 'graphql';
  if (!reads && !isQuery && flags.some((flag) => /^(-f|--raw-field)$/.test(flag.name)))
    return 'it may change what is on the server';
  // A typed field may be the content of a file.
  if (
    flags.some(
      ({ name, value }) => /^(-F|--field)$/.test(name) && (!reads || !/^[\w.[\]-]+=[\w.:/-]*$/.test(value ?? '')),
    )
  )
    return 'it may change what is on the server';
  if (
    flags.some(
      (flag) => /^(-H|--header)$/.test(flag.name) && !/^(accept|x-github-api-version)\s*:/i.test(flag.value ?? ''),
    )
  )
    return 'its headers are not known to be harmless';
  const [path] = positionals;
  if (path?.fixed && path.value === 'graphql') return graphqlProblem(flags);
  return path?.fixed && !/^graphql$|^https?:/.test(path.value) ? undefined : 'it may change what is on the server';
};

/** A query of GraphQL reads by contract; a document that also names a mutation could run that instead. */
function graphqlProblem(flags: readonly { name: string; value?: string }[]): string | undefined {
  const fields = flags.filter((flag) => /^(-f|--raw-field)$/.test(flag.name)).map((flag) => flag.value ?? '');
  const queries = fields.filter((field) => field.startsWith('query='));
  const reads =
    queries.length === 1 && /^query=\s*(?:query\b|\{)/.test(queries[0]!) && !/mutation|subscription/i.test(queries[0]!);
  const isFree = flags.every((flag) => !/^(-X|--method)$/.test(flag.name));
  return reads && isFree && fields.every((field) => !/operationName/i.test(field))
    ? undefined
    : 'it may change what is on the server';
}

export const FORGE: Table = {
  gh: {
    globals: '-R: --repo:',
    common: '-R: --repo:',
    bare: '--version --help @0',
    // Other words are names that the user gave to commands.
    own: /^(alias|auth|browse|cache|codespace|completion|config|extension|gist|gpg-key|issue|label|org|pr|project|release|repo|ruleset|run|search|secret|ssh-key|variable|workflow)$/,
    sub: {
      ...Object.fromEntries(
        'pr list,issue list,run list,workflow list,release list,repo list,label list,secret list,variable list,gist list,cache list,project list,org list,ruleset list,alias list,extension list,ssh-key list,gpg-key list,codespace list,attestation list'
          .split(',')
          .map((name) => [name, looks(LIST)]),
      ),
      // Here `-w` opens a browser, and takes no value.
      ...each(
        'search prs,search issues,search repos,search code,search commits',
        looks(LIST.replace('-w: --workflow: ', '')) as Rule,
      ),
      ...Object.fromEntries(
        'pr view,pr status,pr checks,pr diff,issue view,issue status,run view,run watch,workflow view,release view,repo view,gist view,project view,ruleset view,ruleset check,status,project item-list,project field-list,variable get'
          .split(',')
          .map((name) => [name, looks(VIEW)]),
      ),
      'auth status': '-h: --hostname: -a --active',
      api,
      version: '@0',
      help: '',
      'config list': '@0',
      'config get': {
        flags: '',
        args: /^(git_protocol|editor|prompt|pager|browser|http_unix_socket|prefer_editor_prompt|color_labels|spinner)$/,
      },
      'extension search': '--json: --limit: --owner: --sort: --order:',
    },
  },
  glab: {
    globals: '-R: --repo:',
    common: '-R: --repo:',
    bare: '--version --help @0',
    sub: {
      ...each(
        'mr list,issue list,ci list,release list,repo list,label list,pipeline list',
        '-P: --per-page: -p: --page: -A --all -c --closed -M --merged -a: --assignee: -l: --label: --author: --search: -F: --output:' as Rule,
      ),
      ...each(
        'mr view,mr diff,issue view,ci status,ci view,ci trace,release view,repo view',
        '-c --comments -F: --output: -p: --page: -b: --branch: --raw' as Rule,
      ),
      'auth status': '-h: --hostname:',
      version: '@0',
    },
  },
};
