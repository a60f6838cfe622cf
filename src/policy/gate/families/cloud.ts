/**
 * Clouds and infrastructure as code. A cloud CLI has thousands of operations; what reads is told by its first word, and only
 * when every word before it is a known group, so that a resource named "list" makes nothing harmless.
 */
import type { Arg } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { each, type Rule, type Table } from '../verdict.js';

const AWS_READS =
  /^(describe|list|get|head|search|lookup|batch-get|scan|query|filter|validate|check|estimate|preview|simulate|view)(-|$)/;
/** Reads that hand out credentials, or make something by being read. */
const AWS_GIVES =
  /secret-value|password|token|credential|decrypt|session|parameter|signed|(^|-)keys?(-|$)|access|get-id$|export/;

/** Everything an operation writes locally is named by a third positional, so there may be two at most. */
const aws: Rule = (words: readonly Arg[]) => {
  const args = words.slice(aimsOf(words));
  if (args.length === 1 && args[0]!.fixed && args[0]!.value === '--version') return undefined;
  const flags =
    '* !--endpoint-url !--no-verify-ssl !--ca-bundle !--debug !--with-decryption !--cli-auto-prompt !--cli-input-json !--cli-input-yaml';
  // Values of flags are no positionals: what stands behind a flag belongs to it, in this program always by pairs.
  const plain: Arg[] = [];
  let at = 0;
  for (; at < args.length && !args[at]!.prefix.startsWith('--'); at++) plain.push(args[at]!);
  const { problem } = readArgs(grammarOf(flags), args);
  if (problem) return `"aws": ${problem}`;
  const [service, operation, extra] = plain.map((arg) => (arg.fixed ? arg.value : '\0'));
  if (service === undefined || !/^[a-z][a-z0-9-]*$/.test(service)) return '"aws": it is not certain what it does';
  if (plain.length === args.length && args.at(-1)!.value === 'help') return undefined;
  if (hasStray(args.slice(at))) return '"aws": it is not certain what it does';
  if (service === 's3' && /^(cp|mv|rm|sync)$/.test(operation ?? '')) return s3Rehearsal(args.slice(2));
  if (service === 's3') return operation === 'ls' && plain.length <= 3 ? undefined : '"aws s3" may write';
  if (service === 'configure')
    return operation === 'list' && extra === undefined ? undefined : 'it changes or shows the settings of the cloud';
  if (service === 'sts')
    return operation === 'get-caller-identity' && extra === undefined ? undefined : 'it hands out credentials';
  if (service === 'logs' && operation === 'tail')
    return plain.length <= 3 ? undefined : '"aws logs": it is not certain what it does';
  if (operation === undefined || extra !== undefined || !AWS_READS.test(operation))
    return `"aws ${service} ${operation ?? ''}" is not known to only read`;
  if (AWS_FILES.test(operation) || (!/^(describe|list)-/.test(operation) && hasPairs(args.slice(at))))
    return '"aws": it may write a file';
  return AWS_GIVES.test(operation) && !/^(list|describe)-/.test(operation) ? 'it may show secrets' : undefined;
};

/** How many words in front of the service say no more than where and as whom, each flag with its value. */
function aimsOf(args: readonly Arg[]): number {
  let at = 0;
  for (; args[at]?.fixed; at++) {
    const { value } = args[at]!;
    if (
      /^--(profile|region|output|query|color)=./.test(value) ||
      /^--no-(cli-pager|paginate|cli-auto-prompt)$/.test(value)
    )
      continue;
    if (!/^--(profile|region|output|query|color)$/.test(value) || !/^[^-]/.test(args[at + 1]?.value ?? '')) break;
    at++;
  }
  return at;
}

/** `--dryrun` says what would be copied or deleted, and does nothing of it. */
function s3Rehearsal(args: readonly Arg[]): string | undefined {
  const { problem } = readArgs(
    grammarOf(
      '~ +--dryrun --recursive --delete --exact-timestamps --size-only --quiet --only-show-errors --exclude: --include: --profile: --region: --storage-class: @2',
    ),
    args,
  );
  return problem && `"aws s3": ${problem}`;
}

/** Flags that stand alone; every other one has its values behind it. */
const AWS_SWITCH =
  /^--(no-.*|dry-run|recursive|human-readable|summarize|follow|include-.*|all-.*|only-.*|with-.*|show-.*|page-payer|consistent-read|scan-index-forward|no-paginate)$/;

/** A word behind a flag that stands alone, or that has its value with it, is a positional, which could be a file that is written. */
function hasStray(args: readonly Arg[]): boolean {
  return args.some(
    (arg, at) =>
      at > 0 &&
      !arg.prefix.startsWith('--') &&
      (AWS_SWITCH.test(args[at - 1]!.value) || /^--[\w-]+=/.test(args[at - 1]!.value)) &&
      arg.value !== '',
  );
}

/** Operations whose answer goes to a file that stands at the end of the line. */
const AWS_FILES =
  /^describe-input-device-thumbnail$|^get-(object|object-torrent|job-output|export|sdk|media|media-for-fragment-list|chunk|object-metadata|clip|images?|snapshot-block|configuration|latest-configuration|raw-message-content|thing-shadow|package-version-asset|layer-version|interim-.*|.*-content|.*-file|.*-document)$/;

/** True when a flag has two words behind it: the second could be the name of a file. */
const hasPairs = (args: readonly Arg[]): boolean =>
  args.some((arg, at) => at > 0 && !arg.prefix.startsWith('--') && !args[at - 1]!.prefix.startsWith('--'));

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const GCLOUD_GROUPS = words(
  'alpha beta compute instances disks networks subnets firewall-rules addresses images snapshots zones regions machine-types forwarding-rules backend-services url-maps target-pools health-checks instance-groups managed instance-templates routers routes ssl-certificates container clusters node-pools operations projects run services revisions jobs executions sql backups databases users functions event-types logging logs sinks metrics buckets monitoring dashboards policies iam roles service-accounts storage objects pubsub topics subscriptions app versions builds triggers artifacts repositories packages docker tags dns managed-zones record-sets billing accounts organizations folders dataflow dataproc bigtable spanner redis endpoints scheduler tasks queues config configurations components auth deployments deployment-manager filestore kms keyrings locations memcache ai models',
);
const GCLOUD_READS = words(
  'list describe info get-iam-policy get-value version read tail get-server-config get-serial-port-output list-tags list-grantable-roles get-ancestors get-health search search-all-resources log',
);
const AZ_GROUPS = words(
  'account vm vmss disk snapshot image group network vnet subnet nsg rule public-ip nic lb route-table dns zone record-set storage container blob aks nodepool acr repository webapp functionapp appservice plan deployment slot sql server db postgres mysql flexible-server cosmosdb redis monitor metrics activity-log log-analytics workspace ad user sp app role assignment definition policy resource provider tag lock deployment-group keyvault identity containerapp revision env cdn profile endpoint eventhub namespace servicebus queue topic iot hub extension cloud location log',
);
const AZ_READS = words(
  'list show list-sizes list-skus list-locations list-usage list-ip-addresses get-instance-view get-versions get-upgrades exists version check-name-availability show-tags list-available tail',
);

/** Flags that may stand in front of the verb, each with one value. */
const AIMS =
  /^(--project|--format|--filter|--zone|--region|--location|--limit|--subscription|--output|--query|--resource-group|-o|-g)(=|$)/;

/** Groups, one reading verb, names. */
const grouped =
  (program: string, { groups, reads }: { groups: ReadonlySet<string>; reads: ReadonlySet<string> }): Rule =>
  (args: readonly Arg[]) => {
    const [first] = args;
    if (args.length === 1 && first!.fixed && /^(--version|version|info)$/.test(first!.value)) return undefined;
    for (let at = 0; at < args.length; at++) {
      const arg = args[at]!;
      if (arg.fixed && AIMS.test(arg.value)) {
        if (!arg.value.includes('=')) at++;
        continue;
      }
      if (!arg.fixed || (!groups.has(arg.value) && !reads.has(arg.value)))
        return `"${program} ${arg.text}" is not known to only read`;
      if (reads.has(arg.value)) break;
    }
    const verb = args.findIndex((arg, at) => reads.has(arg.value) && !AIMS.test(args[at - 1]?.value ?? ''));
    if (verb < 0) return `"${program}": it is not certain what it does`;
    const { problem } = readArgs(
      grammarOf(
        '* !--log-http !--flags-file !--debug !--impersonate-service-account !--access-token-file !--file !--dest',
      ),
      args.slice(verb + 1),
    );
    return problem && `"${program}": ${problem}`;
  };

const TERRAFORM: Record<string, Rule> = {
  version: '-json',
  validate: '-json -no-color',
  fmt: '+-check -diff -recursive -no-color',
  // Plans run the providers and external data sources of the configuration; they change nothing by contract.
  plan: '-no-color -input: -lock: -lock-timeout: -var: -var-file: -target: -refresh: -refresh-only -detailed-exitcode -destroy -compact-warnings -parallelism: -replace:',
  show: '-no-color',
  output: '-no-color',
  'state list': '-id: -state:',
  'state show': '-state:',
  // With a word behind it, it writes a lock file or a mirror.
  providers: '@0',
  'providers schema': '-json',
  graph: '-type: -draw-cycles',
  'workspace list': '',
  'workspace show': '',
};

export const CLOUD: Table = {
  aws,
  gcloud: grouped('gcloud', { groups: GCLOUD_GROUPS, reads: GCLOUD_READS }),
  az: grouped('az', { groups: AZ_GROUPS, reads: AZ_READS }),
  gsutil: { sub: { ls: '-l -L -h -b -d -r -R -a -p:', du: '-s -h -c -a', stat: '', version: '-l', hash: '-h -c -m' } },
  bq: {
    globals: '--project_id: --format: --location:',
    sub: { ls: '-a -d -j -n: --max_results:', show: '-j --schema --format:', version: '' },
  },
  ...each('terraform,tofu', { globals: '-chdir:', bare: '+-version +--version +-help +--help', sub: TERRAFORM }),
  ...each('tfsec,checkov,infracost', '+--version @0'),
};
