/**
 * Hosting platforms, tools around clusters, backups, queues and virtual machines: their lists and states. Without flags that show
 * secrets, run plugins or name another program; what is not listed is asked.
 */
import type { Arg } from '../arg.js';
import { each, type Rule, type Table } from '../verdict.js';

const VERSION = '+--version +-v +-V +--help @0';

/** Subcommands with the same harmless flags. */
const reads = (names: string, rule: Rule): Record<string, Rule> => each(names, rule);

/** `tmux ls \; kill-server` is two commands, and a format may run programs. */
const TMUX = '-a -s -t: @0';

/** `jar tf x.jar`: the first word is the flags; only listing has no other effect. */
const jar: Rule = (args: readonly Arg[]) => {
  const [mode, ...names] = args;
  if (args.length === 1 && mode!.fixed && mode!.value === '--version') return undefined;
  return mode?.fixed &&
    /^-?(tf|tvf|ft|vtf)$/.test(mode.value) &&
    names.length > 0 &&
    names.every((arg) => arg.fixed && /^[^@-]/.test(arg.value))
    ? undefined
    : '"jar": it only reads with tf';
};

export const PLATFORMS: Table = {
  heroku: {
    bare: VERSION,
    sub: {
      ...reads(
        'apps,apps:info,info,ps,releases,addons,addons:info,domains,regions,pg:info,redis:info,buildpacks,features,pipelines,pipelines:info,stack,maintenance,status',
        '-a: --app: -r: --remote: --json -j -A --all -x --extended @1',
      ),
      logs: '-a: --app: -r: --remote: -n: --num: -t --tail -s: --source: -p: --ps: -d: --dyno: --force-colors --no-color @0',
      'auth:whoami': '@0',
      version: '@0',
    },
  },
  ...each('fly,flyctl', {
    globals: '-a: --app: -c: --config:',
    common: '-a: --app: -c: --config: -j --json -q --quiet -o: --org:',
    bare: VERSION,
    sub: {
      ...reads(
        'status,releases,apps list,machine list,machine status,machines list,machines status,platform regions,platform status,platform vm-sizes,volumes list,volume list,ips list,certs list,certs show,services list,scale show,orgs list,checks list',
        '--all @1',
      ),
      logs: '-i: --instance: -r: --region: --machine: -n --no-tail @0',
      version: '@0',
    },
  }),
  vercel: {
    bare: VERSION,
    sub: reads(
      'ls,list,inspect,whoami,logs,domains ls,env ls,teams ls,project ls,projects ls,alias ls,dns ls,certs ls',
      '-S: --scope: --prod --environment: -m: --meta: --json --limit: --wait --logs @2',
    ),
  },
  netlify: { bare: VERSION, sub: reads('status,sites:list,functions:list', '--json --verbose @0') },
  doctl: {
    globals: '-o: --output: --context: -v --verbose',
    common: '-o: --output: --format: --no-header --context: --region: --tag-name:',
    bare: VERSION,
    sub: {
      ...reads(
        'compute droplet list,compute droplet get,compute image list,compute image get,compute region list,compute size list,compute domain list,compute domain get,compute domain records list,compute volume list,compute volume get,compute snapshot list,compute firewall list,compute firewall get,compute load-balancer list,compute load-balancer get,compute ssh-key list,compute action list,kubernetes cluster list,kubernetes cluster get,kubernetes options versions,apps list,apps get,apps list-deployments,account get,balance get,projects list,vpcs list,monitoring alert list',
        '',
      ),
      'apps logs': '-f --follow --tail: --type: --deployment:',
      version: '@0',
    },
  },
  firebase: {
    globals: '-P: --project:',
    common: '-P: --project: -j --json',
    bare: VERSION,
    sub: { ...reads('projects:list,apps:list,functions:list,hosting:sites:list,hosting:channel:list', '@0') },
  },
  wrangler: {
    bare: VERSION,
    sub: reads(
      'whoami,deployments list,versions list,kv namespace list,d1 list,r2 bucket list,queues list',
      '--name: -c: --config: -e: --env: --json @0',
    ),
  },
  pulumi: {
    bare: VERSION,
    sub: {
      ...reads(
        'whoami,version,about,stack ls,stack history,plugin ls',
        '-s: --stack: -j --json -a --all -C: --cwd: -v: @0',
      ),
    },
  },
  argocd: {
    common: '-o: --output: -N: --app-namespace: -l: --selector: -p: --project: --grpc-web',
    bare: VERSION,
    sub: reads(
      'app list,app get,app history,app resources,app manifests,app logs,appset list,appset get,cluster list,proj list,proj get,version',
      '-c: --container: --tail: --since-seconds: --revision: --source: --short --client',
    ),
  },
  istioctl: {
    common: '-n: --namespace: -i: --istioNamespace: --context: -o: --output:',
    bare: VERSION,
    sub: reads(
      'version,proxy-status,ps,proxy-config cluster,proxy-config clusters,proxy-config route,proxy-config routes,proxy-config listener,proxy-config listeners,proxy-config endpoint,proxy-config endpoints,pc cluster,pc route,pc listener,pc endpoint,analyze',
      '--short -s --remote -A --all-namespaces --port: --name: --fqdn: --direction:',
    ),
  },
  linkerd: {
    bare: VERSION,
    sub: reads(
      'check,version,viz check,viz stat,viz edges,viz routes',
      '-n: --namespace: --context: -o: --output: --short --client --proxy --pre',
    ),
  },
  flux: {
    common: '-n: --namespace: --context: -A --all-namespaces',
    bare: VERSION,
    sub: reads(
      'check,version,stats,events,tree kustomization,get all,get sources all,get sources git,get sources helm,get kustomizations,get kustomization,get helmreleases,get helmrelease,get images all',
      '--pre --client --status-selector: -w --watch --no-header -l: --label-selector:',
    ),
  },
  eksctl: {
    bare: VERSION,
    sub: reads(
      'version,info,get cluster,get clusters,get nodegroup,get nodegroups,get addon,get addons,get fargateprofile,get iamserviceaccount',
      '-o: --output: --cluster: -n: --name: -r: --region: -A --all-regions -p: --profile:',
    ),
  },
  k3d: { bare: VERSION, sub: reads('cluster list,node list,registry list,version', '-o: --output: --no-headers') },
  skopeo: {
    bare: VERSION,
    sub: reads('inspect,list-tags', {
      flags: '--raw --config --format: -f: --no-tags',
      args: /^docker:\/\/[\w./:@-]+$/,
    }),
  },
  restic: {
    globals: '-r: --repo:',
    common: '-r: --repo: --json -q --quiet -v --verbose --no-lock --no-cache',
    bare: VERSION,
    sub: reads(
      'snapshots,stats,ls,version,list snapshots',
      '-H: --host: --tag: --path: -c --compact -g: --group-by: --latest: --mode: -l --long',
    ),
  },
  borg: {
    bare: VERSION,
    sub: reads('list,info', '--short --json --last: --first: --format: --prefix: -P: -a: --glob-archives:'),
  },
  rclone: {
    bare: VERSION,
    // A remote by its name: one that is described on the spot may name a program.
    sub: reads('ls,lsl,lsd,lsf,lsjson,size,about,version,listremotes,check,tree', {
      flags:
        '--max-depth: --include: --exclude: -R --recursive --json --format: --one-way --size-only --human-readable --dirs-only --files-only --fast-list -v @2',
      args: /^[\w./-]+(?::[\w./ -]*)?$/,
    }),
  },
  etcdctl: {
    globals: '--endpoints: --cacert:',
    common: '--endpoints: --cacert: -w: --write-out: --cluster',
    bare: VERSION,
    sub: reads('endpoint health,endpoint status,member list,version,alarm list', ''),
  },
  rabbitmqctl: {
    globals: '-n: --node:',
    bare: VERSION,
    sub: reads(
      'status,cluster_status,list_queues,list_exchanges,list_bindings,list_connections,list_channels,list_consumers,list_vhosts,list_users,list_permissions,list_policies,ping,version,list_vhosts',
      '-p: --vhost: -n: --node: --formatter: -q --quiet -s --silent --online --offline --local',
    ),
  },
  virsh: {
    // A connection may name a program: qemu+ext.
    globals: '-r --readonly -q',
    bare: '+--version +-V @0',
    sub: reads(
      'list,dominfo,domstate,domblklist,domiflist,nodeinfo,net-list,net-info,pool-list,pool-info,vol-list,snapshot-list,version,capabilities',
      '--all --inactive --name --uuid --title --details',
    ),
  },
  ...each('lxc,incus', {
    bare: VERSION,
    sub: reads(
      'list,ls,info,image list,network list,storage list,profile list,profile show,cluster list,version',
      '-f: --format: -c: --columns: --fast',
    ),
  }),
  multipass: { bare: VERSION, sub: reads('list,ls,info,networks,find,version', '--format: --all') },
  tmux: {
    bare: '+-V @0',
    sub: {
      ...reads('ls,list-sessions,list-windows,list-panes,list-clients,lsw,lsp,lsc', TMUX),
      ...reads('has-session,has', '-t: @0'),
      ...reads('capture-pane,capturep', '+-p -t: -S: -E: -J -e @0'),
    },
  },
  screen: '+-ls +-list +--version +-v @0',
  mise: {
    bare: VERSION,
    own: /^(install|use|uninstall|upgrade|exec|x|run|r|env|settings|config|trust|prune|tasks|where|which)$/,
    sub: reads(
      'ls,list,current,version,doctor,ls-remote,outdated',
      '-c --current -g --global -i --installed --json -J -m --missing --no-header',
    ),
  },
  direnv: { bare: VERSION, sub: reads('status,version', '--json @0') },
  pipenv: { bare: VERSION, sub: reads('graph', '--bare --json --json-tree --reverse @0') },
  pdm: {
    bare: VERSION,
    sub: reads('list,info', '--tree --graph --json --freeze -v --python --where --packages --env @0'),
  },
  cpio: '+-t +--list -i -v --verbose --quiet @0',
  jar,
  'ssh-add': '+-l +-L -E: @0',
  look: '-d -f -b -t: @2',
  shopt: '-p @0',
  dirs: '-v -p -l @0',
};
