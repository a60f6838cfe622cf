/** Looking at files, directories and archives. What creates, moves, deletes or unpacks is not here, so it is asked. */
import { grammarOf, readArgs } from '../flags.js';
import { each, type Rule, type Table } from '../verdict.js';
import { flagsOf } from './looks.js';

/** Lists an archive; the name of one on another machine would be fetched by a program of its own. */
const tar: Rule = (args) => {
  // The first word may be a cluster without its dash, whose letters take the words behind it in turn: only `f` may take one.
  const [first] = args;
  const letters = first?.fixed && /^[a-zA-Z]/.test(first.value) ? first.value : undefined;
  if (letters !== undefined && !/^[tvzjJa]*f?[tvzjJa]*$/.test(letters)) return '"tar": it may write or run something';
  const flag = `-${letters?.replace('f', '')}${letters?.includes('f') ? 'f' : ''}`;
  const cluster = letters === undefined ? undefined : [{ ...first!, value: flag, prefix: flag }];
  const { problem, flags, positionals } = readArgs(
    grammarOf(
      '+-t +--list -v --verbose -z --gzip -j --bzip2 -J --xz --zstd -a --auto-compress -f: --file: -C: --directory: --wildcards --exclude: --no-recursion --full-time --utc --numeric-owner --force-local --strip-components: -k',
    ),
    cluster ? [...cluster, ...args.slice(1)] : args,
  );
  if (problem) return `"tar": ${problem}`;
  const archive = flags.filter((flag) => /^(-f|--file)$/.test(flag.name)).map((flag) => flag.value ?? '');
  return archive.some((name) => name.includes(':')) || positionals.some((arg) => !arg.fixed)
    ? 'its archive may be on another machine'
    : undefined;
};

export const FILES: Table = {
  // What writes says at least what it is.
  ...each(
    'rm,rmdir,unlink,shred,mv,cp,ln,dd,truncate,touch,mkfifo,install,patch,rsync,chmod,chown,chgrp,split,csplit,sponge,zip,rename',
    '+--version +--help @0',
  ),
  // `@file` holds more flags.
  ...each('readelf,nm,size,objdump,strings', {
    flags: flagsOf(
      'aA:Bb:CDdEe:FfgGhIiJ:j:KlM:m:nopPrRSstT:uUvVw?Wxz',
      'all archive-headers disassemble disassemble-all source line-numbers demangle no-demangle section syms symbols dyn-syms dynamic-syms full-contents reloc dynamic-reloc headers file-header file-headers program-headers segments section-headers sections section-details notes dynamic version-info arch-specific histogram string-dump hex-dump wide silent-truncation debug-dump dwarf info debugging debug-syms extern-only defined-only undefined-only print-size print-file-name size-sort numeric-sort reverse-sort no-sort format radix bytes encoding print-file-name start-address stop-address no-show-raw-insn private-headers target architecture common totals dynamic portability line-numbers',
    ),
    args: /^[^@]/,
  }),
  ...each('zcat,gzcat,bzcat,xzcat', '-f -q'),
  cloc: '--json --csv --yaml --by-file --quiet --exclude-dir: --version',
  scc: '--by-file -f: --format: --no-cocomo -w',
  tree: flagsOf(
    'aCDdFfghiJL:lNnP:I:pQqrSstuUvcxX',
    'noreport dirsfirst filesfirst prune gitignore charset sort du si inodes device fromfile matchdirs ignore-case timefmt filelimit metafirst info compress',
  ),
  file: '-b --brief -i --mime --mime-type --mime-encoding -L -h -k -s -z -p -0 -N -F: -f: --',
  xxd: '-a -b -c: -e -E -g: -i -l: -o: -p -ps -s: -u -len: -R: @1',
  base64: flagsOf('Ddi:w:b:', 'decode ignore-garbage wrap break input'),
  tar,
  unzip: '+-l +-Z +-t +-v +-p -q -1 -h -C',
  gzip: '+-l +--list +-t +--test -v -q',
  gunzip: '+-c +--stdout +-l +-t -k -v -q',
  ...each('bunzip2,unxz,xz,bzip2,zstd', '+-t +-l +--test +--list -v -q'),
  '7z': { flags: '', args: /^(l|t|[^-@].*\.(7z|zip|rar|gz|tar|xz))$/ },
  unrar: { flags: '', args: /^(l|t|lb|v|[^-@].*\.rar)$/ },
  ar: { flags: '', args: /^(t|tv|p|[^-@].*\.(a|deb|lib))$/ },
  ...each(
    'fd,fdfind',
    `-t -tf -td -tl -te ${flagsOf(
      'HIusiFapLg0e:E:d:S:c:j:1qVhT:',
      'hidden no-ignore no-ignore-vcs no-ignore-parent unrestricted case-sensitive ignore-case glob regex fixed-strings absolute-path full-path follow max-depth: min-depth: exact-depth: type: extension: exclude: size: changed-within: changed-before: owner: color: threads: max-results: print0 prune no-follow relative-path base-directory: search-path: strip-cwd-prefix and: one-file-system newer: older: quiet show-errors format:',
    )}`,
  ),
  tee: { flags: '-a -i', args: /^\/dev\/(null|stdout|stderr)$/ },
  uniq: '-c -d -D -i -u -z -f: -s: -w: --count --repeated --unique --ignore-case --all-repeated --group --skip-fields: --skip-chars: --check-chars: -# @1',
  shuf: '-e -i: -n: -r -z --echo --input-range: --head-count: --repeat --random-source:',
  ...each('bat,batcat', {
    flags:
      '-A --show-all -p --plain -pp -l: --language: -H: --highlight-line: --file-name: --tabs: --wrap: --terminal-width: -n --number --color: --italic-text: --decorations: -f --force-colorization --theme: --list-themes --style: -r: --line-range: -L --list-languages -u --unbuffered -s --squeeze-blank --no-config -V --version -h --help',
    args: /^(?!cache$)/,
  }),
  // What a file says about itself: no tag is set, no expression is run, no name carries a protocol.
  exiftool: '& -j -json -a -G -G1 -s -S -n -u -h -T -csv -all -time:all -gps:all -ver',
  // What the other endings name may be a program of its own: a script, or a page that is drawn by one.
  identify: {
    flags: '& -verbose -ping -quiet -version -format:',
    args: /^[^:@|-][^:@|]*\.(jpe?g|png|gif|webp|tiff?|bmp|heic|avif|ico)$/i,
  },
  ffprobe: {
    flags:
      '& -v: -loglevel: -hide_banner -show_format -show_streams -show_chapters -show_error -print_format: -of: -select_streams: -show_entries: -pretty -count_frames -version --version',
    args: /^[^:|-][^:|]*$/,
  },
  ...each('pdfinfo,pdffonts', { flags: '& -box -meta -f: -l: -v @1', args: /^[^-].*\.pdf$/i }),
  pdfimages: { flags: '& +-list -f: -l: @1', args: /^[^-].*\.pdf$/i },
  // Without the dash behind it, the text goes to a file.
  pdftotext: (args) =>
    args.length > 1 &&
    args.at(-1)!.value === '-' &&
    args.slice(0, -1).every((arg) => arg.fixed && /^(-layout|-raw|-q|-nopgbrk|[^-].*\.pdf)$/i.test(arg.value))
      ? undefined
      : 'it writes a file',
  // The loader may run what it looks at, so only what the system has installed.
  ldd: { flags: '-v -u -d -r --version', args: /^\/(usr\/)?(local\/)?(s?bin|lib(32|64)?)\/(?!.*\.\.)[\w.+/-]+$/ },
  sdiff: '-s -l -w: -W -B -i -b -E',
  diff3: '-m -A -e -E -3 -x -X -T -a -L:',
  lsof: flagsOf('aA:bCc:d:e:EF?f:g?hi?K?l?L?MNnoOp:PQRr?s?S?tT?u:UvVwx?z?'),
  fuser: '-v -a -u -n: -4 -6 --verbose --all --user',
  // Makes what was not there and nothing else: undone by one rmdir or rm of the new name.
  mkdir: '-p -v --parents --verbose',
  mktemp: '-u --dry-run -d --directory -q --quiet -p: -t --tmpdir --suffix:',
};
