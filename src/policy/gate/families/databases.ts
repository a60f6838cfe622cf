/** Database clients with a query on the line. Without one they read commands from elsewhere, so that is asked. */
import { type Arg, fixedArg } from '../arg.js';
import { grammarOf, readArgs } from '../flags.js';
import { sqlProblem } from '../sql.js';
import { each, type Rule, type Table } from '../verdict.js';

/** Commands of psql that describe. */
const PSQL = /^\s*\\(d[a-zA-Z]*\+?|l\+?|conninfo|z|encoding)(\s+[\w.*"]+)?\s*$/;

/** The usual variable of a machine that says where the database is: it is used, and not shown. */
const isAddress = (arg: Arg): boolean => /^"?\$\{?(DATABASE|DB|PG|POSTGRES)\w*_?(URL|URI|DSN)\}?"?$/.test(arg.text);
const psqlArgs = (args: readonly Arg[]): Arg[] => {
  const at = args.findIndex((arg, index) => isAddress(arg) && (index === 0 || args[index - 1]!.value === '-d'));
  return args.map((arg, index) => (index === at ? fixedArg('postgres:', arg.text) : arg));
};

const fixedQueries = (flags: readonly { name: string; value?: string }[], names: RegExp): string[] =>
  flags.filter((flag) => names.test(flag.name)).map((flag) => flag.value ?? '');

/** Queries come as values of flags, which the reading of flags keeps only as text: none of the words may be loose. */
const client =
  (
    program: string,
    {
      flags,
      query,
      max,
      prepare,
    }: { flags: string; query: RegExp; max: number; prepare: (text: string) => string | undefined },
  ) =>
  (args: readonly Arg[]): string | undefined => {
    const loose = args.find((arg) => !arg.fixed);
    if (loose) return `"${program}": ${JSON.stringify(loose.text)} is not certain`;
    const read = readArgs(grammarOf(flags), args);
    if (read.problem) return `"${program}": ${read.problem}`;
    if (args.length === 1 && /^(--version|-V|-l|--list)$/.test(args[0]!.value)) return undefined;
    const queries = fixedQueries(read.flags, query);
    const isList = read.flags.some((flag) => program === 'psql' && /^(-l|--list)$/.test(flag.name));
    if (queries.length === 0) return isList ? undefined : `"${program}" would read its commands from elsewhere`;
    if (read.positionals.length > max) return `"${program}": it has more words than are known`;
    if (
      read.flags.some(
        ({ name, value = '' }) => /^(-P|--pset)$/.test(name) && /^pager/.test(value) && value !== 'pager=off',
      )
    )
      return `"${program}": its pager is a program of its own`;
    for (const text of queries) {
      const reason = prepare(text);
      if (reason) return reason;
    }
    return undefined;
  };

/** The client itself reads some commands at the start of a line, so a query has one line. */
const mysqlProblem = (text: string): string | undefined =>
  text.includes('\n') ? 'its query has several lines' : sqlProblem(text.replace(/\s*\\G\s*;?\s*$/, ''));

const DOT = /^\s*\.(tables|schema|indexes|indices|databases|dump|dbinfo|fullschema|version)(\s+[\w%]+)?\s*$/;

const sqlite: Rule = (args: readonly Arg[]) => {
  if (args.some((arg) => !arg.fixed)) return '"sqlite3": what it does is not certain';
  const read = readArgs(
    grammarOf(
      '& -header -noheader -csv -json -column -readonly -line -list -markdown -table -box -html -tabs -quote -batch -bail -safe -separator: -nullvalue: -version --version --readonly --json --csv --header',
    ),
    args,
  );
  if (read.problem) return `"sqlite3": ${read.problem}`;
  if (args.length === 1 && /^--?version$/.test(args[0]!.value)) return undefined;
  const [, ...queries] = read.positionals;
  if (queries.length === 0) return '"sqlite3" would read its commands from elsewhere';
  for (const { value } of queries) {
    // A line that begins with a dot is a command of the program, which can run others.
    const reason = DOT.test(value)
      ? undefined
      : /\n\s*\./.test(value)
        ? '"sqlite3" may run a command'
        : sqlProblem(value);
    if (reason) return reason;
  }
  return undefined;
};

const REDIS_READS = new Set(
  'get mget exists ttl pttl type keys scan hget hgetall hkeys hvals hlen hexists hmget hscan lrange llen lindex smembers scard sismember sscan srandmember zrange zcard zscore zrank zcount zrangebyscore zrevrange zscan strlen dbsize info ping time lastsave bitcount getrange randomkey xlen xrange xrevrange role echo dump expiretime'.split(
    ' ',
  ),
);
const REDIS_PAIRS =
  /^(memory (usage|stats|doctor)|client (list|info|getname|id)|config get (?!.*(pass|auth))[\w -]+$|slowlog (get|len)|latency (latest|history|doctor)|cluster (info|nodes|slots|shards|myid)|xinfo (stream|groups|consumers)|object (encoding|idletime|refcount|freq)|pubsub (channels|numsub|numpat)|command (count|info|list)|acl (whoami|cat)|module list)/;

const redis: Rule = (args: readonly Arg[]) => {
  const { problem, positionals, flags } = readArgs(
    grammarOf(
      '-h: -p: -n: -c -t: --raw --no-raw --csv --json --tls --no-auth-warning --scan --pattern: --bigkeys --memkeys --hotkeys --count: --type: --version -v -3 -2',
    ),
    args,
  );
  if (problem) return `"redis-cli": ${problem}`;
  if (positionals.length === 0)
    return flags.some((flag) => /^(--scan|--bigkeys|--memkeys|--hotkeys|--version|-v)$/.test(flag.name))
      ? undefined
      : '"redis-cli" would read its commands from elsewhere';
  const words = positionals.map((arg) => (arg.fixed ? arg.value.toLowerCase() : '\0'));
  const isKnown = REDIS_READS.has(words[0]!) || REDIS_PAIRS.test(words.join(' '));
  return isKnown ? undefined : `"redis-cli ${positionals[0]!.text}" is not known to only read`;
};

const MYSQL_FLAGS =
  '-e: --execute: -h: --host: -u: --user: -P: --port: -D: --database: -p? --password -N -B -t -s -r -H -X -S: --socket: --protocol: --batch --table --skip-column-names --silent --raw --html --xml --vertical -E --default-character-set: --connect-timeout: --ssl-mode: --no-defaults --version -V';
const PSQL_FLAGS =
  '-c: --command: -d: --dbname: -h: --host: -p: --port: -U: --username: -w --no-password -W -l --list -t --tuples-only -A --no-align -x --expanded -q --quiet -X --no-psqlrc -H --html --csv -F: --field-separator: -R: -P: --pset: -z -0 -e -E -1 --single-transaction -V --version';

const psqlClient = client('psql', {
  flags: PSQL_FLAGS,
  query: /^(-c|--command)$/,
  max: 2,
  prepare: (text) => (PSQL.test(text) ? undefined : sqlProblem(text)),
});

const duck = client('duckdb', {
  flags: '& -c: -csv -json -markdown -line -list -box -table -header -noheader -readonly -version --version',
  query: /^-c$/,
  max: 1,
  prepare: (text) => (/^\s*\./m.test(text) ? 'its query holds a command of the shell' : sqlProblem(text)),
});

/** Calls of the mongo shell that look, with nothing in their brackets that could be code. */
const MONGO =
  /^(?:db\.(?:stats|version|serverStatus|hostInfo|getCollectionNames|getCollectionInfos|getMongo|getName)\(\)|rs\.(?:status|conf|hello)\(\)|sh\.status\(\)|show (?:dbs|databases|collections|tables)|(?:db\.[a-zA-Z_]\w*|db\.getCollection\((?:"[\w.]+"|'[\w.]+')\))\.(?:find|findOne|countDocuments|estimatedDocumentCount|distinct|getIndexes|stats)\((?:[\s\d.,:{}[\]]|"[^"\\$]*"|'[^'\\$]*'|\w+(?=\s*:)|true|false|null)*\)(?:\.(?:limit|skip)\(\d+\)|\.(?:pretty|count|toArray|itcount)\(\))*);?$/;
const mongosh: Rule = (args) => {
  const { problem, flags, positionals } = readArgs(
    grammarOf(
      '~ +--eval: +--version --quiet --norc --host: --port: -u: --username: --authenticationDatabase: --json @1',
    ),
    args,
  );
  if (problem) return problem;
  if (args.some((arg) => !arg.fixed) || positionals.some((arg) => /\.(m?js|mongodb)$/.test(arg.value)))
    return 'what it runs is not certain';
  return flags.every((flag) => flag.name !== '--eval' || MONGO.test(flag.value?.trim() ?? ''))
    ? undefined
    : 'it runs code that is not judged';
};

export const DATABASES: Table = {
  psql: (args) => psqlClient(psqlArgs(args)),
  ...each(
    'mysql,mariadb',
    client('mysql', { flags: MYSQL_FLAGS, query: /^(-e|--execute)$/, max: 1, prepare: mysqlProblem }),
  ),
  sqlite3: sqlite,
  ...each('mongosh,mongo', mongosh),
  ...each('redis-cli,valkey-cli', redis),
  pg_isready: '-h: -p: -U: -d: -t: -q --host: --port: --username: --dbname: --timeout: --quiet -V --version',
  // The shape of the data to stdout; a format that makes files, and the data themselves, are not among the flags.
  pg_dump:
    '~ +--version +-V +-s +--schema-only -d: --dbname: -t: --table: -T: --exclude-table: -n: --schema: -N: --exclude-schema: -h: --host: -p: --port: -U: --username: -w --no-password -O --no-owner -x --no-privileges -c --clean --if-exists -C --create --no-comments @1',
  ...each('pg_dumpall,pg_restore,mysqldump,mongodump', '+--version +-V @0'),
  duckdb: (args) => duck(args),
  'clickhouse-client': client('clickhouse-client', {
    flags:
      '-q: --query: -h: --host: --port: -u: --user: -d: --database: -f: --format: --vertical -E -m -n --version -V',
    query: /^(-q|--query)$/,
    max: 0,
    prepare: sqlProblem,
  }),
  influx: { bare: '+--version @0', sub: { ping: '--host:', version: '' } },
  pg_lsclusters: '-h -j',
  mysqlshow: '-h: -u: -P: -p? --host: --user: --port: --password --count --keys -k -v',
  mysqladmin: {
    flags: '-h: -u: -P: -p? --host: --user: --port: --password -V --version -v',
    args: /^(status|ping|version|processlist|extended-status|variables)$/,
  },
  rabbitmqctl: {
    globals: '-n: -q --quiet',
    sub: {
      status: '',
      list_queues: '-p: --vhost:',
      list_exchanges: '-p:',
      list_bindings: '-p:',
      list_connections: '',
      list_channels: '',
      list_consumers: '-p:',
      list_vhosts: '',
      cluster_status: '',
      version: '',
      node_health_check: '',
    },
  },
};
