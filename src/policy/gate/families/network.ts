/**
 * Looking at the network. A read from a literal address sends nothing but the address: allowed over http(s) with harmless
 * flags. What carries data, signs in, writes a file, or asks a cloud's own machine for its keys is asked. A GET that changes
 * something on the other side cannot be seen; addresses that sound like it are asked.
 */
import type { Arg } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { each, type Rule, type Table } from '../verdict.js';
import { flagsOf } from './looks.js';

/** Longer addresses carry more than an address. */
const URL_CHARS = 300;
const ACTS =
  /[/?&=_-](hooks?|webhooks?|delete|destroy|remove|drop|shutdown|reboot|restart|stop|kill|trigger|deploy|publish|send|unsubscribe|logout|purge|flush|reset|execute|exec|run|token|secrets?|credentials?|password|api_?key|access_?key)(?=$|[/?&=#._-])/i;
/** Hosts whose addresses are made to be triggered. */
const TRIGGERS = /^(hooks?|webhooks?|outlook\.webhook|maker)\./i;
const KEEPERS = /^(?:169\.254\.|metadata\b|fd00:ec2|\[fd00:ec2|100\.100\.100\.200|0xa9fe|2852039166)/i;

export function urlProblem(arg: Arg | undefined): string | undefined {
  if (!arg || (!arg.fixed && !isQuestion(arg))) return 'the address is not certain';
  const url =
    /^(?:(https?):\/\/)?([a-z0-9][\w.-]*(?::\d{1,5})?|\[[\da-f:]+\](?::\d{1,5})?)([/?#][^\s{}[\]\\]*)?$/i.exec(
      arg.value,
    );
  if (!url) return `${JSON.stringify(arg.value)} is no plain web address`;
  const [, , host = '', rest = ''] = url;
  if (arg.value.length > URL_CHARS) return 'the address is so long that it may carry data';
  if (KEEPERS.test(host)) return 'the address hands out credentials of the cloud';
  return ACTS.test(rest) || TRIGGERS.test(host) ? 'the address sounds like more than reading' : undefined;
}

/** The question mark of an address is a pattern to the shell; whatever it finds begins with the same host. */
const isQuestion = (arg: Arg): boolean =>
  !arg.splits && !/[*[$`{]/.test(arg.value) && /^(https?:\/\/)?[\w.:-]+\/[\w./-]*$/.test(arg.prefix);

const HEADERS =
  /^(accept|accept-language|accept-encoding|user-agent|cache-control|if-none-match|if-modified-since|range|host|origin|connection|pragma|content-type)\s*:/i;

const CURL =
  '-s -S -f -L -I -i -k -v -g -G -4 -6 -N -0 -# --silent --show-error --fail --fail-with-body --location --head --include --insecure --verbose --compressed --get --ipv4 --ipv6 --no-buffer --http1.1 --http1.0 --http2 --http3 --no-progress-meter --progress-bar -m: --max-time: --connect-timeout: --retry: --retry-delay: --retry-max-time: --retry-connrefused -r: --range: -A: --user-agent: -e: --referer: -H: --header: -X: --request: -w: --write-out: -o: --output: --max-redirs: --resolve: --limit-rate: --max-filesize: --tlsv1.2 --tlsv1.3 -V --version -h --help --path-as-is --globoff -y: -Y: --speed-time: --speed-limit: --data-urlencode:';

const curl: Rule = (args: readonly Arg[]) => {
  if (!args.every((arg) => arg.fixed || isQuestion(arg))) return 'what it sends is not certain';
  const { problem, flags, positionals } = readArgs(grammarOf(CURL), args);
  if (problem) return `"curl": ${problem}`;
  if (args.length === 1 && /^(-V|--version|-h|--help)$/.test(args[0]!.value)) return undefined;
  for (const { name, value = '' } of flags) {
    if (/^(-o|--output)$/.test(name) && !/^(\/dev\/null|-)$/.test(value)) return 'it writes a file';
    if (/^(-X|--request)$/.test(name) && !/^(GET|HEAD|OPTIONS)$/.test(value))
      return 'it may change what is on the server';
    if (/^(-H|--header)$/.test(name) && !HEADERS.test(value)) return 'its headers may carry a secret or data';
    if (/^(-w|--write-out)$/.test(name) && /^@|%output|%header/.test(value))
      return 'its output format may read or write a file';
    if (/^(-A|-e|--user-agent|--referer)$/.test(name) && (value.length > URL_CHARS || /[$`]/.test(value)))
      return 'its headers may carry data';
  }
  const data = flags.filter(({ name }) => name === '--data-urlencode');
  // With --get it becomes part of the address; `@` in front of the first equals sign, or as the first of it, names a file.
  if (data.length > 0 && !flags.some(({ name }) => /^(-G|--get)$/.test(name)))
    return 'it may change what is on the server';
  if (data.some(({ value = '' }) => !/^[\w.-]*=[^$`]*$/.test(value) || value.length > URL_CHARS))
    return 'it sends data';
  if (positionals.length === 0) return 'the address is not certain';
  for (const arg of positionals) {
    const reason = urlProblem(arg);
    if (reason) return reason;
  }
  return undefined;
};

const WGET =
  '-q -S -nv -v --quiet --server-response --no-verbose -T: --timeout: -t: --tries: --spider -O: --output-document: --no-check-certificate -4 -6 --max-redirect: -U: --user-agent: --no-cache --compression: --https-only --version -V';

const wget: Rule = (args: readonly Arg[]) => {
  if (!args.every((arg) => arg.fixed)) return 'what it sends is not certain';
  const { problem, flags, positionals } = readArgs(grammarOf(WGET), args);
  if (problem) return `"wget": ${problem}`;
  if (args.length === 1 && /^(-V|--version)$/.test(args[0]!.value)) return undefined;
  const output = flags.filter((flag) => /^(-O|--output-document)$/.test(flag.name)).map((flag) => flag.value);
  const isSpider = flags.some((flag) => flag.name === '--spider');
  if (output.length === 0 ? !isSpider : output.some((value) => value !== '-' && value !== '/dev/null'))
    return 'it writes a file';
  if (positionals.length === 0) return 'the address is not certain';
  for (const arg of positionals) {
    const reason = urlProblem(arg);
    if (reason) return reason;
  }
  return undefined;
};

const http: Rule = (args: readonly Arg[], court) => {
  const words = args
    .map((arg) => (arg.fixed ? arg.value : '\0'))
    .filter(
      (word) =>
        !/^(-[hbv]+|--headers|--body|--check-status|--ignore-stdin|--follow|-F|--verbose|--pretty=\w+)$/.test(word),
    );
  const [method = '', url] = words.length === 1 ? ['GET', words[0]] : words;
  // Without a method it sends what comes by a pipe.
  if ((words.length === 1 || court.stdin.fed) && !args.some((arg) => arg.value === '--ignore-stdin'))
    return 'it may send its input';
  if (words.length > 2 || !/^(GET|HEAD|OPTIONS)$/.test(method)) return 'it may change what is on the server';
  return urlProblem(args.find((arg) => arg.value === url));
};

/** `ip addr`, `ip -br link show dev eth0`: an object and a word that shows. */
const ip: Rule = (args: readonly Arg[]) => {
  const { problem, positionals } = readArgs(
    grammarOf('-4 -6 -s -d -o -br -brief -j -json -p -pretty -c -color -h -a -stats -details -oneline -V -family: -f:'),
    args,
  );
  if (problem) return `"ip": ${problem}`;
  const [object, verb, ...more] = positionals.map((arg) => (arg.fixed ? arg.value : '\0'));
  if (object === undefined)
    return args.some((arg) => arg.value === '-V') ? undefined : '"ip": it is not certain what it does';
  if (
    !/^(a|addr|address|l|link|r|route|n|neigh|neighbour|neighbor|ru|rule|maddr|mroute|tunnel|tuntap|netns|xfrm|vrf)$/.test(
      object,
    )
  )
    return `"ip ${object}" is not known to only read`;
  if (verb === undefined) return undefined;
  if (!/^(show|list|ls|lst|get|sh|s)$/.test(verb)) return `"ip ${object} ${verb}" is not known to only read`;
  // `ip link s` is the short form of `set`.
  if (verb === 's' && !/^(a|r)/.test(object)) return `"ip ${object} s" may be short for more than showing`;
  return more.every((word) => /^[\w.:/@-]+$/.test(word)) ? undefined : '"ip": it is not certain what it does';
};

const HOST = /^[\w.:%-]+$/;

const openssl: Rule = ([sub, ...args]: readonly Arg[], court) => {
  const name = sub?.fixed ? sub.value : '';
  if (name === 's_client' && court.stdin.fed) return 'what it sends is not certain';
  const key = args.find((arg) => /\.key$|(^|\/)id_|private|privkey/.test(arg.value));
  if (key) return `${JSON.stringify(key.text)} may hold a secret, and output reaches the model`;
  const rules: Record<string, string> = {
    x509: '-in: -inform: -noout -text -dates -enddate -startdate -subject -issuer -serial -fingerprint -sha256 -sha1 -hash -ext: -pubkey -nameopt: -checkend: -checkhost: -email -purpose -subject_hash -issuer_hash @0',
    s_client:
      '-connect: -servername: -showcerts -brief -tls1_2 -tls1_3 -starttls: -verify: -CAfile: -CApath: -alpn: -status -quiet -no_ign_eof -4 -6 -verify_return_error @0',
    verify: '-CAfile: -CApath: -untrusted: -verbose -purpose: -x509_strict',
    req: '+-noout -in: -inform: -text -subject -verify @0',
    crl: '+-noout -in: -inform: -text -lastupdate -nextupdate @0',
    dgst: '-sha256 -sha512 -sha1 -md5 -hex -r',
    ciphers: '-v -V -s -tls1_2 -tls1_3 -stdname',
    help: '',
    version: '-a -b -c -d -e -f -m -o -p -r -s -u -v',
    rand: '+-hex +-base64',
    asn1parse: '-in: -inform: -i -dump @0',
  };
  if (!Object.hasOwn(rules, name)) return `"openssl ${name}" is not known to only read`;
  const { problem } = readArgs(grammarOf(rules[name]!), args);
  return problem && `"openssl ${name}": ${problem}`;
};

export const NETWORK: Table = {
  'ssh-keygen': '+-l -f: -v -E: @0',
  gpg: '+--list-keys +-k +--list-secret-keys +-K +--fingerprint +--verify +--version --keyid-format: --with-fingerprint',
  vault: { bare: '+--version', sub: { status: '', version: '' } },
  consul: {
    bare: '+--version',
    sub: {
      members: '-detailed -wan -status:',
      info: '',
      version: '',
      'operator raft list-peers': '',
      'catalog services': '',
      'catalog nodes': '',
    },
  },
  nomad: {
    bare: '+--version',
    sub: {
      status: '',
      version: '',
      'job status': '',
      'node status': '',
      'alloc status': '',
      'alloc logs': '-f -stderr -tail -n:',
    },
  },
  curl,
  wget,
  ...each('http,https,xh', http),
  ip,
  openssl,
  ping: '-c: -i: -W: -w: -s: -t: -n -q -4 -6 -D -O -I: -v -V @1',
  ping6: '-c: -i: -W: -w: -n -q @1',
  fping: '-c: -a -u -q -t: -r: -e',
  ...each('traceroute,traceroute6,tracepath,tracepath6', '-n -m: -w: -q: -4 -6 -I -T -U -p: -b @2'),
  mtr: '-r -w -c: -n -b -4 -6 -T -u -z --report --report-wide --report-cycles: --no-dns --json -j --tcp --udp -P: @1',
  dig: { flags: '-4 -6 -x: -t: -p: -q: -v -u', args: /^[@+]?[\w.:/=%-]+$/ },
  ...each('host,drill', { flags: '-t: -a -v -4 -6 -C -W: -R: -r -s -T', args: HOST }),
  // Without a name, or with a dash for it, it asks other machines for each line that it reads.
  nslookup: (args) => {
    const { problem, positionals } = readArgs(grammarOf('& -type: -query: -timeout: -debug -port: -class:'), args);
    if (problem) return `"nslookup": ${problem}`;
    const isPlain = positionals.every((arg) => arg.fixed && HOST.test(arg.value) && arg.value !== '-');
    return positionals.length > 0 && isPlain ? undefined : 'it may send its input';
  },
  whois: { flags: '-h: -p: -H', args: HOST },
  // From a recording or the wire to the screen: `-w` writes, `-z` runs, `-Z` is another user.
  tcpdump: '+-c: +-r: -i: -n -nn -nnn -v -vv -vvv -e -q -t -tt -ttt -tttt -A -X -x -S -l -p -s: -D -# --number -K',
  ss: flagsOf(
    '046A:EHMN:OQSTVZabdef:hilmnoprstuwxz',
    'all bpf cgroup context contexts dccp events extended family: info ipv4 ipv6 listening memory mptcp net: no-header numeric oneline options packet processes query: raw resolve sctp summary tcp threads tipc tipcinfo tos udp unix vsock xdp inet-sockopt socket: no-queues',
  ),
  netstat: flagsOf(
    '46ACFILMNOSTVWZabcdef:ghiklmnop:rstuvwx',
    'route interfaces groups masquerade statistics verbose wide numeric numeric-hosts numeric-ports numeric-users symbolic extend program timers continuous listening all fib cache tcp udp udplite sctp raw unix inet inet6 protocol:',
  ),
  ifconfig: { flags: '-a -s -v @1', args: /^[\w.:-]+$/ },
  iwconfig: '@1',
  route: '-n -e -4 -6 -v @0',
  arp: '-a -n -e -v -i: @1',
  ethtool: { flags: '-i -S -k -g -a -c -l -m -T', args: /^[\w.:-]+$/ },
  ...each('nc,ncat,netcat', { flags: '+-z -v -n -w: -u -4 -6', args: /^[\w.:-]+$/ }),
  resolvectl: {
    bare: '',
    sub: { status: '', query: '-4 -6 -t: --legend:', statistics: '', dns: '@1', domain: '@1', show: '' },
  },
  nmcli: {
    globals: '-t -f: -g: -p -m: -c: --terse --fields: --pretty',
    bare: '-v --version @0',
    sub: {
      general: '@0',
      'general status': '@0',
      g: '@0',
      device: '@0',
      'device status': '',
      'device show': '',
      'device wifi': '@0',
      'device wifi list': '',
      dev: '@0',
      'dev status': '',
      'dev show': '',
      'dev wifi': '@0',
      'dev wifi list': '',
      d: '@0',
      connection: '@0',
      'connection show': '--active',
      con: '@0',
      'con show': '--active',
      c: '@0',
      radio: '@0',
      networking: '@0',
    },
  },
  networkctl: { bare: '--no-pager -a', sub: { list: '--no-pager', status: '--no-pager -a', lldp: '' } },
  speedtest: '+--version',
  iperf3: '+--version +-v',
  getent: {
    flags: '',
    args: /^(passwd|group|hosts|ahosts|ahostsv4|ahostsv6|services|protocols|networks|netgroup|ethers|rpc|[\w.:@-]+)$/,
  },
  ipset: { sub: { list: '-n -t -o:', version: '' } },
  tailscale: {
    bare: '+--version @0',
    sub: {
      status: '--json --peers --active',
      ip: '-4 -6 -1',
      version: '',
      netcheck: '--format:',
      ping: '-c: --until-direct --timeout:',
    },
  },
  certbot: { sub: { certificates: '' } },
};
