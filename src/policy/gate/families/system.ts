/** The machine: what runs, what is mounted, what is logged. Starting, stopping, mounting and setting are asked. */
import type { Arg } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { each, type Rule, type Table } from '../verdict.js';

/** BSD letters stand without a dash, and their `e` shows environments. */
const PS_FLAG =
  /^-[a-zA-Z\d,]+$|^--(sort|format|pid|quick-pid|ppid|sid|user|User|group|Group|tty|cols|columns|width|lines|rows|headers|no-headers|no-heading|forest|deselect|context|cumulative|signames|help|info|version)(=|$)/;
const ps: Rule = (args: readonly Arg[]) => {
  for (let at = 0; at < args.length; at++) {
    const { value, fixed } = args[at]!;
    if (!fixed) return `"ps": ${JSON.stringify(args[at]!.text)} is not certain`;
    const isBsd = /^[a-zA-Z]+$/.test(value);
    // On a Mac it is `-E`; the newest name for it is a column.
    if (
      (isBsd && value.includes('e')) ||
      /^-[a-zA-Z]*E/.test(value) ||
      /environ/i.test(value) ||
      /environ/i.test(args[at + 1]?.value ?? '')
    )
      return 'it may show environments, which may hold secrets';
    if (value.startsWith('-') && !PS_FLAG.test(value))
      return `"ps": the flag ${JSON.stringify(value)} is not known to be harmless`;
    // A flag that ends in one of these has its value behind it.
    if (
      isBsd
        ? /[oOptUq]$/.test(value)
        : /^-[a-zA-Z]*[oOCuUgGptqs]$|^--(sort|format|pid|ppid|user|group|tty)$/.test(value)
    )
      at++;
  }
  return undefined;
};

const UNITS =
  '-a --all --user --system --no-pager --plain --no-legend --full -l --failed --state: -t: --type: -p: --property: -n: --lines: -o: --output: -r --recursive --reverse --after --before --value -q --quiet --with-dependencies --show-types -T --show-transaction -P:';

const named = (names: string, rule: Rule): Record<string, Rule> =>
  Object.fromEntries(names.split(',').map((name) => [name, rule]));

const service: Rule = (args: readonly Arg[]) => {
  const [name, verb] = args.map((arg) => (arg.fixed ? arg.value : '\0'));
  if (args.length === 1 && name === '--status-all') return undefined;
  return args.length === 2 && verb === 'status' && /^[\w@.-]+$/.test(name!)
    ? undefined
    : 'it may start or stop a service';
};

const sysctl: Rule = (args: readonly Arg[]) => {
  const { problem, positionals } = readArgs(grammarOf('-a -n -e -N --all --values --names'), args);
  if (problem) return `"sysctl": ${problem}`;
  return positionals.every((arg) => arg.fixed && /^[\w./-]+$/.test(arg.value))
    ? undefined
    : 'it may set a value of the kernel';
};

/** The date as it is; a positional without a plus would set it. */
const date: Rule = (args: readonly Arg[]) => {
  const { problem, positionals } = readArgs(
    grammarOf(
      '-u -R -I? -d: -r: -j -v: --utc --universal --rfc-3339 --iso-8601 --rfc-email --date: --reference: --debug -f: --file: --resolution',
    ),
    args,
  );
  if (problem) return `"date": ${problem}`;
  return positionals.every((arg) => arg.prefix.startsWith('+')) ? undefined : 'it may set the clock';
};

/** `-l scterc,70,70` sets what `-l scterc` shows. */
const smartctl: Rule = (args: readonly Arg[]) => {
  const { problem, flags } = readArgs(
    grammarOf('+-a +-A +-H +-i +-x +-l: +--all +--info +--health +--scan +--attributes -d: -j --json -n:'),
    args,
  );
  if (problem) return `"smartctl": ${problem}`;
  return flags.every(({ name, value = '' }) => name !== '-l' || /^[a-z]+$/.test(value))
    ? undefined
    : 'it may set how the disk works';
};

export const SYSTEM: Table = {
  // Signal 0 only asks whether a process is there.
  kill: (args) => {
    const values = args.map((arg) => (arg.fixed ? arg.value : '\0'));
    if (values[0] === '-l' || values[0] === '-L') return undefined;
    return values[0] === '-0' && values.slice(1).every((value) => /^\d+$/.test(value))
      ? undefined
      : 'it ends processes';
  },
  ps,
  date,
  service,
  sysctl,
  lastlog: '-b: -t: -u: --before: --time: --user:',
  pidstat: '-d -r -u -t -h -p: -C: -l -w -s',
  iostat: '-c -d -h -k -m -x -y -z -t -p: -N @3',
  sar: '-u -r -b -B -d -n: -q -W -S -A -P: -f: -s: -e: -h @2',
  blkid: '-o: -s: -p -k',
  ldconfig: '+-p +--print-cache @0',
  sensors: '-A -f -u -j',
  chage: '+-l +--list',
  hostname: '-f -s -i -I -d -A -a --fqdn --short --ip-address --all-ip-addresses --domain @0',
  domainname: '@0',
  hostnamectl: { bare: '--json: --no-pager @0', sub: { status: '--json: --no-pager', hostname: '@0' } },
  timedatectl: {
    bare: '--no-pager @0',
    sub: {
      status: '--no-pager',
      show: '-p: -a',
      'list-timezones': '--no-pager',
      'timesync-status': '',
      'show-timesync': '',
    },
  },
  localectl: { bare: '@0', sub: { status: '', 'list-locales': '', 'list-keymaps': '' } },
  loginctl: {
    bare: '--no-pager @0',
    sub: named(
      'list-sessions,list-users,list-seats,session-status,user-status,show-session,show-user,seat-status',
      '--no-pager -a -p: --no-legend',
    ),
  },
  systemctl: {
    globals: '--user --system --no-pager --failed --all -a --plain --no-legend -q --quiet --type: --state: -t:',
    bare: UNITS + ' --version @0',
    sub: named(
      'status,is-active,is-enabled,is-failed,is-system-running,list-units,list-unit-files,list-timers,list-sockets,list-dependencies,list-jobs,list-machines,list-paths,list-automounts,show,cat,get-default,help',
      UNITS,
    ),
  },
  journalctl:
    '-u: --unit: --user-unit: -n: --lines: -f --follow -r --reverse -e -x --catalog -k --dmesg -b? -# --boot --list-boots -p: --priority: -S: --since: -U: --until: -o: --output: --output-fields: --no-pager --no-tail --no-hostname --no-full -a --all -q --quiet --utc -t: --identifier: -g: --grep: --case-sensitive -F: --field: -N --fields --disk-usage --system --user -m --merge --header --facility: --version -l --full -c: --cursor: --show-cursor -D: --directory: --file: --truncate-newline',
  dmesg:
    '-T --ctime -H --human -k -u -x --decode -L --color -l: --level: -f: --facility: -t -r -s: -w --follow -W --nopager -P -e --reltime --since: --until: --time-format: -J --json',
  'systemd-analyze': {
    bare: '--no-pager @0',
    sub: named(
      'time,blame,critical-chain,plot,verify,calendar,timespan,timestamp,security,unit-paths,condition,cat-config,syscall-filter,unit-files',
      '--no-pager --user --system --iterations: --base-time: --fuzz:',
    ),
  },
  'systemd-cgtop': '+-n: -b --batch -1 -d: -p -c -t -m -i',
  'systemd-detect-virt': '-c -v -r -q',
  'systemd-path': '',
  coredumpctl: {
    bare: '--no-pager @0',
    sub: { list: '--no-pager -r -n: -1 --since: --until:', info: '--no-pager -1' },
  },
  top: '+-n: +-b -d: -H -i -c -o: -p: -u: -w? -e: -E: -1 -S -l: -s: -stats:',
  htop: '+--version',
  dmidecode: '-t: -s: -q --type: --string:',
  acpi: '-V -b -a -t -i',
  crontab: '+-l -u: @0',
  atq: '@0',
  launchctl: { sub: { list: '', print: '', 'print-disabled': '', blame: '', version: '' } },
  mount: '-l -V -t: @0',
  swapon: '+-s +--show +--summary --noheadings --raw --bytes --output-all @0',
  ...each(
    'lvs,vgs,pvs,lvdisplay,vgdisplay,pvdisplay',
    '-a -o: --units: --noheadings --separator: --all --options: -v -c -m -S: --reportformat: --nosuffix',
  ),
  mdadm: '+--detail +-D +--examine +-E +-Q --scan --brief',
  smartctl,
  nvme: { sub: { list: '-o: -v', 'smart-log': '-o:', 'id-ctrl': '-o:', 'list-subsys': '', 'error-log': '-e: -o:' } },
  zpool: {
    sub: { status: '-v -x -L -P -T:', list: '-H -p -v -o:', iostat: '-v -y', history: '-i -l', get: '-H -o: -p' },
  },
  zfs: { sub: { list: '-t: -r -o: -H -p -s: -S: -d:', get: '-H -r -o: -p -t: -s:', diff: '-F -H -t' } },
  btrfs: {
    sub: {
      'filesystem show': '-d',
      'filesystem df': '-h',
      'filesystem usage': '-h',
      'subvolume list': '-a -t -p -s',
      'subvolume show': '',
      'device stats': '',
      'scrub status': '-d',
      'qgroup show': '',
    },
  },
  quota: '-s -v -u: -g:',
  defaults: { sub: { read: '', 'read-type': '', domains: '@0', find: '' } },
  repquota: '-a -s -v',
  'nvidia-smi':
    '& -L -q -i: -d: -l: --list-gpus --query-gpu: --query-compute-apps: --format: --id: --query --display: --loop:',
  numactl: '+-H +--hardware +-s +--show @0',
  taskset: '+-p -c @1',
  ...each('iptables,ip6tables', '+-L? +-S? +--list +--list-rules -n -v -x -t: --line-numbers --numeric --verbose @2'),
  'iptables-save': '-t: -c',
  // Without `list` in front it adds: `nft table inet filter`.
  nft: {
    globals: '-a -n -s -j',
    sub: {
      list: {
        flags: '-a -n -s -j',
        args: /^(ruleset|tables|table|chains|chain|sets|inet|ip|ip6|filter|nat|input|output|forward)$/,
      },
    },
  },
  ufw: { sub: { status: '', version: '', 'app list': '' } },
  'firewall-cmd':
    '+--state +--list-all +--list-ports +--list-services +--get-active-zones +--get-default-zone +--get-zones +--list-all-zones --zone: @0',
  'fail2ban-client': { sub: { status: '', version: '', ping: '' } },
  // Another config than the machine's own could load a module.
  nginx: '+-t +-v +-V -q @0',
  ...each('apachectl,apache2ctl,httpd', { flags: '+-t +-v +-V +-S +-M @0', args: /^$/ }),
  haproxy: '+-v +-vv @0',
  sshd: '+-t @0',
  visudo: '+-c @0',
  'named-checkconf': '@1',
  postconf: '+-n +-d +-m @0',
  mailq: '@0',
  postqueue: '+-p +-j @0',
  // A config of its own could name code.
  supervisorctl: { sub: { status: '', version: '', avail: '', pid: '' } },
  pm2: {
    sub: {
      list: '',
      ls: '',
      status: '',
      show: '',
      describe: '',
      logs: '--lines: --nostream --err --out --raw',
      info: '',
    },
  },
  chronyc: { flags: '-n -a', args: /^(tracking|sources|sourcestats|activity|ntpdata)$/ },
  ntpq: '+-p -n',
  xrandr: '+-q +--query +--listmonitors @0',
  xdpyinfo: '@0',
  pmset: { flags: '+-g @2', args: /^(batt|log|assertions|therm|custom)$/ },
  scutil: '+--dns +--proxy +--nwi @0',
  networksetup: '+-listallhardwareports +-listallnetworkservices +-getinfo',
  mdutil: '+-s',
  airport: '+-s +-I @0',
  plutil: '+-p +-lint',
  codesign: '+-d +-v +--display +--verify --verbose -vv -vvv --deep --strict',
  spctl: '+-a +--assess +--status -v -t: --type:',
  pkgutil: '+--pkgs +--pkg-info: +--files: +--file-info:',
  softwareupdate: '+-l +--list @0',
  tmutil: { sub: { listbackups: '', latestbackup: '', status: '', destinationinfo: '' } },
  sips: '+-g:',
  diskutil: { sub: { list: '', info: '', 'apfs list': '' } },
};
