/** Containers and clusters: lists, logs, descriptions. */
import type { Arg } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { each, type Family, type Rule, type Table } from '../verdict.js';

const LIST =
  '-a --all -q --quiet -f: --filter: --format: --no-trunc -n: --last: -l --latest -s --size --digests --tree';
const LOGS = '-f --follow -t --timestamps -n: --tail: --since: --until: --details --no-color --no-log-prefix --index:';
const INSPECT = '-f: --format: -s --size --type:';

const named = (names: string, rule: Rule): Record<string, Rule> =>
  Object.fromEntries(names.split(',').map((name) => [name, rule]));

const COMPOSE: Record<string, Rule> = {
  ps: '-a --all -q --quiet --services --filter: --format: --status: --no-trunc --orphans',
  logs: LOGS,
  images: '-q --quiet --format:',
  top: '',
  ls: '-a --all -q --quiet --filter: --format:',
  version: '-f: --format: --short',
  port: '--index: --protocol:',
  events: '--json --since: --until:',
  stats: '-a --no-stream --format: --no-trunc',
  // The whole of it shows the environment, which may hold secrets.
  config: '+--services +--images +--volumes +--profiles +-q +--quiet +--hash:',
};
const COMPOSE_GLOBALS = '-f: --file: -p: --project-name: --profile: --project-directory: --ansi:';

const DOCKER: Family = {
  globals: '-c: --context: -l: --log-level: -f: --file: -p: --project-name: --profile: --project-directory:',
  bare: '--version -v --help @0',
  sub: {
    ...named(
      'ps,images,image ls,image list,container ls,container list,container ps,network ls,network list,volume ls,volume list,node ls,service ls,stack ls,secret ls,config ls,plugin ls,context ls,buildx ls',
      LIST,
    ),
    ...named(
      'inspect,image inspect,container inspect,network inspect,volume inspect,node inspect,service inspect,context inspect,buildx inspect,plugin inspect,system info,info',
      INSPECT,
    ),
    ...named('logs,container logs,service logs', `${LOGS} --raw --no-resolve --no-task-ids`),
    // Words behind its name are those of ps, which can show environments.
    ...named('top,container top', { flags: '@1', args: /^[\w.-]+$/ }),
    ...named('stats,container stats', '-a --all --format: --no-stream --no-trunc'),
    ...named('port,diff,container port,container diff', ''),
    ...named('history,image history', '-H --human --format: --no-trunc -q --quiet'),
    ...named('service ps,node ps,stack ps,stack services', `${LIST} --no-resolve`),
    version: '-f: --format:',
    search: '-f: --filter: --limit: --format: --no-trunc',
    events: '-f: --filter: --since: --until: --format:',
    'system df': '-v --verbose --format:',
    'system events': '-f: --filter: --since: --until: --format:',
    'context show': '',
    'manifest inspect': '-v --verbose --insecure',
    'buildx version': '',
    'buildx du': '--verbose --filter:',
    'buildx imagetools inspect': '--format: --raw',
    ...Object.fromEntries(Object.entries(COMPOSE).map(([name, rule]) => [`compose ${name}`, rule])),
  },
};

/** Values of secrets are theirs; their names are not. */
const SECRETS = /^secrets?(?:$|[./,])|,secrets?(?:$|,|\.)/i;

const KUBE_COMMON = '-n: --namespace: --context: --cluster: --request-timeout: --user: -v: --v:';
const kube =
  (flags: string): Rule =>
  (args: readonly Arg[]) => {
    const { problem, positionals } = readArgs(grammarOf(`${flags} ${KUBE_COMMON}`), args);
    if (problem) return `"kubectl": ${problem}`;
    return positionals.some((arg) => SECRETS.test(arg.value)) ? 'it may show secrets of the cluster' : undefined;
  };

/**
 * What would change, and nothing changes: exactly one `--dry-run`, in front of any `--`, that says where. The flags that name
 * other rights or other programs are left out as everywhere.
 */
const rehearsed: Rule = (args: readonly Arg[]) => {
  const { problem, flags, positionals } = readArgs(
    grammarOf(
      `~ +--dry-run? -f: --filename: -k: --kustomize: -R --recursive -o: --output: -l: --selector: --server-side --validate: --field-manager: --image: --replicas: --port: --target-port: --restart: --env: --labels: --from-literal: --from-file: --schedule: --type: --name: --save-config --all --overwrite -c: --containers: -p: --patch: ${KUBE_COMMON}`,
    ),
    args,
  );
  if (problem) return `"kubectl": ${problem}`;
  const said = flags.filter((flag) => flag.name === '--dry-run').map((flag) => flag.value ?? '');
  if (said.length !== 1 || !/^(client|server)$/.test(said[0]!)) return 'it may change resources of the cluster';
  return positionals.some((arg) => !arg.fixed) ? '"kubectl": what it does is not certain' : undefined;
};

export const CONTAINERS: Table = {
  ...each('docker,podman,nerdctl', DOCKER),
  'docker-compose': { globals: COMPOSE_GLOBALS, bare: '--version -v --help @0', sub: COMPOSE },
  ...each('kubectl,oc', {
    globals: KUBE_COMMON,
    sub: {
      get: kube(
        '-A --all-namespaces -l: --selector: -o: --output: -w --watch --watch-only --show-labels --sort-by: --field-selector: --no-headers -L: --label-columns: --show-kind --ignore-not-found --show-managed-fields --chunk-size: --subresource: -R --recursive --output-watch-events',
      ),
      describe: kube('-A --all-namespaces -l: --selector: --show-events --chunk-size:'),
      logs: kube(
        '-f --follow -c: --container: -p --previous --since: --since-time: --tail: --timestamps --all-containers -l: --selector: --prefix --max-log-requests: --limit-bytes: --ignore-errors --all-pods',
      ),
      ...named(
        'top,top pod,top pods,top node,top nodes',
        kube('-A --all-namespaces -l: --selector: --containers --sort-by: --no-headers --sum --field-selector:'),
      ),
      explain: kube('--recursive --api-version: --output:'),
      version: kube('--client --short -o: --output:'),
      'cluster-info': `${KUBE_COMMON} @0`,
      'api-resources': kube(
        '--namespaced --verbs: -o: --output: --api-group: --sort-by: --no-headers --cached --categories:',
      ),
      'api-versions': kube(''),
      events: kube('-A --all-namespaces --for: --types: -w --watch -o: --output: --no-headers'),
      'config get-contexts': '-o: --output: --no-headers',
      'config current-context': '',
      'config get-clusters': '',
      'config get-users': '',
      'config view': '--minify --merge --flatten -o: --output:',
      ...named('rollout status,rollout history', kube('-w --watch --timeout: --revision: -l: --selector: -o:')),
      'auth can-i': kube('-A --all-namespaces --list -q --quiet --subresource: --no-headers'),
      'auth whoami': kube('-o: --output:'),
      diff: kube('-f: --filename: -R --recursive -l: --selector: --server-side --field-manager: --prune'),
      wait: kube('--for: --timeout: -l: --selector: --all -A --all-namespaces -o:'),
      ...named('apply,create,run,expose,scale,label,annotate,patch,replace,delete,set image', rehearsed),
      options: '',
    },
  }),
  helm: {
    globals: '-n: --namespace: --kube-context: --debug',
    common: '-n: --namespace: --kube-context: --debug -o: --output:',
    bare: '--version @0',
    sub: {
      ...named(
        'list,ls',
        '-a --all -A --all-namespaces -f: --filter: -q --short -d --date -r --reverse -m: --max: --offset: -l: --selector: --deployed --failed --pending --superseded --uninstalled --uninstalling --no-headers --time-format:',
      ),
      status: '--revision: --show-desc --show-resources',
      history: '--max:',
      ...named('get manifest,get notes,get hooks,get metadata', '--revision:'),
      ...named('show chart,show readme,show crds,show all,show values', '--version: --repo: --devel'),
      ...named(
        'search repo,search hub',
        '-l --versions -r --regexp --version: --devel --max-col-width: --list-repo-url --fail-on-no-result',
      ),
      'repo list': '',
      version: '--short --template: -c --client',
      lint: '--strict --quiet --with-subcharts --set: --set-string: -f: --values: --kube-version:',
      template:
        '--set: --set-string: --set-file: -f: --values: --version: --repo: --include-crds --no-hooks -s: --show-only: --kube-version: -a: --api-versions: --skip-tests --is-upgrade --release-name --name-template: --generate-name -g --devel',
      'dependency list': '',
      'plugin list': '',
      verify: '--keyring:',
    },
  },
  ...each('kubectx,kubens', '-c --current @0'),
  stern:
    '-n: --namespace: -A --all-namespaces -l: --selector: -s: --since: -c: --container: --tail: -o: --output: -t --timestamps --no-follow --context: -e: --exclude: -i: --include:',
  'docker-machine': { sub: { ls: '-q', status: '', ip: '', version: '' } },
  crictl: {
    sub: {
      ps: '-a -q -o: --name:',
      images: '-q -v -o:',
      pods: '-q -o: --name: -s:',
      logs: '-f --tail: -t --since:',
      info: '',
      version: '',
      stats: '-a -o:',
      inspect: '-o: -q',
      inspecti: '-o: -q',
      inspectp: '-o: -q',
    },
  },
  minikube: {
    bare: '+--version @0',
    sub: {
      status: '-p: --profile: -o: --output:',
      version: '--short',
      ip: '-p:',
      'profile list': '-o:',
      'addons list': '-p: -o:',
      'service list': '-p:',
    },
  },
  kind: { bare: '+--version @0', sub: { 'get clusters': '-q', 'get nodes': '--name: -q', version: '-q' } },
};
