/**
 * Programs none of whose flags does more than look, each with the flags that its manuals (GNU, BSD, macOS) know: a flag that is
 * not among them is asked, because a newer program or another one of that name may mean anything by it. A word that is not
 * certain, as behind xargs, may become any of their flags. Invariant: nothing here writes, sends or runs.
 */
import { each, type Table } from '../verdict.js';

/** Letters of short flags, a colon behind those that take a value, and names of long ones. */
export const flagsOf = (letters: string, long = ''): string =>
  [
    ...(letters.match(/\w[:?]?/g) ?? []).map((letter) => `-${letter}`),
    ...long
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => `--${name}`),
    '--help --version',
  ].join(' ');

/** The rule of programs, by their names. */
const looks = (names: string, letters: string, long?: string): Table => each(names, `* -# ${flagsOf(letters, long)}`);

const MATCHES =
  'after-context basic-regexp before-context binary binary-files byte-offset color colour context count dereference-recursive devices directories exclude exclude-dir exclude-from extended-regexp file files-with-matches files-without-match fixed-strings group-separator ignore-case include initial-tab invert-match label line-buffered line-number line-regexp max-count no-filename no-group-separator no-ignore-case no-messages null null-data only-matching perl-regexp quiet recursive regexp silent text with-filename word-regexp';
const SUMS =
  'binary check ignore-missing quiet status strict tag text warn zero length algorithm untagged debug UNIVERSAL';

export const LOOKS: Table = {
  // What stands behind these is text, whatever it looks like.
  ...each('echo,true,false,:,expr', () => undefined),
  ...looks(
    'pwd,cd,type,which,sleep',
    'LPSaefpstw',
    'all skip-alias skip-functions tty-only skip-dot skip-tilde show-dot show-tilde logical physical',
  ),
  ...looks(
    'ls,dir,vdir',
    '1ABCDEFGHI:LMNOPQRST:UWXZabcdefghiklmnopqrstuvw:xy',
    'all almost-all author block-size classify color context dereference dereference-command-line dereference-command-line-symlink-to-dir directory dired escape file-type format full-time group-directories-first hide hide-control-chars human-readable hyperlink ignore ignore-backups indicator-style inode kibibytes literal no-group numeric-uid-gid quote-name quoting-style recursive reverse show-control-chars si size sort tabsize time time-style width zero',
  ),
  ...looks('stat', 'FLc:f:lnqrst:x', 'cached dereference file-system format printf terse'),
  ...looks(
    'readlink,realpath',
    'LPefmnqsvz',
    'canonicalize canonicalize-existing canonicalize-missing logical no-symlinks physical quiet relative-base relative-to strip zero no-newline silent verbose',
  ),
  ...looks('basename,dirname', 'as:z', 'multiple suffix zero'),
  ...looks('wc', 'Lclmw', 'bytes chars files0-from lines max-line-length words total libxo'),
  ...looks(
    'du',
    '0AB:DHI:LPSX:abcd:ghklmnrst:x',
    'all apparent-size block-size bytes count-links dereference dereference-args exclude exclude-from files0-from human-readable inodes max-depth no-dereference null one-file-system separate-dirs si summarize threshold time time-style total',
  ),
  ...looks(
    'df',
    'B:HIPTYabcghiklmnt:vx:',
    'all block-size exclude-type human-readable inodes local no-sync output portability print-type si sync total type',
  ),
  ...looks(
    'tac,nl,rev',
    'b:d:f:h:i:l:n:ps:v:w:rVz',
    'before regex separator body-numbering footer-numbering header-numbering join-blank-lines line-increment no-renumber number-format number-separator number-width section-delimiter starting-line-number',
  ),
  ...looks('cat', 'AETbelnstuv', 'number number-nonblank show-all show-ends show-nonprinting show-tabs squeeze-blank'),
  ...looks(
    'head,tail',
    'Fb:c:fn:qrs:vz',
    'bytes lines quiet silent verbose zero-terminated follow max-unchanged-stats pid retry sleep-interval',
  ),
  ...looks(
    'md5sum,sha1sum,sha224sum,sha256sum,sha384sum,sha512sum,b2sum,cksum,sum,md5,shasum',
    '0Ua:bchl:o:pqrs:tvwxz',
    SUMS,
  ),
  ...looks(
    'od,hexdump',
    'A:BCDFHILN:OS:Vabcde:f:hij:ln:os:t:vw:xX',
    'address-radix endian format output-duplicates read-bytes skip-bytes strings traditional width canonical color format-file length no-squeezing one-byte-char one-byte-hex one-byte-octal skip two-bytes-decimal two-bytes-hex two-bytes-octal',
  ),
  ...looks(
    'exa,eza,lsd',
    '1ABDFGHI:L:MRST:UZabdfghilmnors:t:uvx',
    'all almost-all long long-format grid across recurse recursive tree level depth sort reverse git git-ignore git-repos no-git icons icon icon-theme group header links inode blocks blocksize total-size size human-readable bytes binary time modified accessed created changed time-style color colour color-scale colour-scale classify only-dirs only-files group-directories-first group-dirs no-permissions no-filesize no-user no-time octal-permissions hyperlink extended oneline list-dirs directory-only ignore-glob numeric dereference date permission total-size blocks inode sizesort timesort extensionsort versionsort classic',
  ),
  ...looks('pwdx,namei,pathchk', 'PVhlmnopvx', 'long modes mountpoints nosymlinks owners vertical portability'),
  ...looks(
    'cmp,diff,colordiff,comm',
    '0123BC:D:EF:HI:L:NPS:TU:W:X:Zabcdefhi:lnpqrstu?vwxyz',
    'GTYPE-group-format LTYPE-line-format brief color context ed exclude exclude-from expand-tabs from-file horizon-lines ifdef ignore-all-space ignore-blank-lines ignore-case ignore-file-name-case ignore-matching-lines ignore-space-change ignore-tab-expansion ignore-trailing-space initial-tab label left-column line-format minimal new-file no-dereference no-ignore-file-name-case normal paginate palette rcs recursive report-identical-files show-c-function show-function-line side-by-side speed-large-files starting-file strip-trailing-cr suppress-blank-empty suppress-common-lines tabsize text to-file unidirectional-new-file unified width old-line-format new-line-format unchanged-line-format old-group-format new-group-format changed-group-format unchanged-group-format bytes ignore-initial print-bytes quiet silent verbose check-order nocheck-order output-delimiter total zero-terminated',
  ),
  ...looks(
    'lsattr,getfacl,getcap',
    'LPRVacdelnprstv',
    'access default omit-header all-effective no-effective skip-base recursive logical physical tabular numeric absolute-names one-file-system',
  ),
  ...looks(
    'tokei',
    'Ce:fhilo:n:s:t:V',
    'compact columns exclude files hidden languages no-ignore no-ignore-parent no-ignore-dot no-ignore-vcs output num-format sort rsort type types verbose',
  ),
  ...looks('base32,base58', 'diw:DcVh', 'decode ignore-garbage wrap check'),
  ...looks('zipinfo', '12CMTZhlmstvz', ''),
  ...looks(
    'locate,mlocate,plocate',
    '0ALNPSVbcd:eHil:mn:pqrsw',
    'all basename count database existing follow nofollow ignore-case ignore-spaces limit literal null statistics quiet regexp regex transliterate wholename',
  ),
  ...looks('whereis', 'BMSVbfghlmqsux', ''),
  ...each('mdfind,mdls', '* & -0 -name: -onlyin: -count -live -interpret -literal -raw -nullMarker: -n -r'),
  ...looks(
    'grep,egrep,fgrep',
    'A:B:C:D:EFGHILMOPRSTUVXYZabcd:e:f:hilm:noqrsvwxyz',
    `${MATCHES} decompress null-data mmap bz2decompress`,
  ),
  ...looks(
    'cut',
    'Mb:c:d:f:nswz',
    'bytes characters complement delimiter fields only-delimited output-delimiter zero-terminated',
  ),
  ...looks('tr', 'Ccdstu', 'complement delete squeeze-repeats truncate-set1'),
  ...looks(
    'fold,fmt,expand,unexpand',
    'abcd:g:il:mnp:st:uw:',
    'bytes spaces width crown-margin goal prefix split-only tagged-paragraph uniform-spacing initial tabs all first-only',
  ),
  ...looks(
    'paste,join',
    '1:2:a:d:e:ij:o:st:v:z',
    'delimiters serial zero-terminated check-order header ignore-case nocheck-order',
  ),
  ...looks(
    'column,colrm',
    'C:E:H:JLN:O:R:S:T:VW:c:dehi:l:mno:p:r:s:tx',
    'fillrows json keep-empty-lines output-separator output-width separator table table-columns table-columns-limit table-column table-header-repeat table-hide table-name table-noextreme table-noheadings table-order table-right table-truncate table-wrap table-header-as-columns table-maxout table-empty-lines tree tree-id tree-parent color use-spaces',
  ),
  ...looks(
    'pr',
    'D:FJL:N:S:TW:acde?fh:i?l:mn?o:prs?tvw:',
    'across columns date-format double-space expand-tabs first-line-number form-feed header indent join-lines length merge no-file-warnings number-lines omit-header omit-pagination output-tabs page-width pages sep-string separator show-control-chars show-nonprinting width',
  ),
  ...looks('tsort,factor,yes', 'dhlqw', 'exponents'),
  ...looks(
    'numfmt',
    'Md:lz',
    'debug delimiter field format from from-unit grouping header invalid padding round suffix to to-unit zero-terminated',
  ),
  ...looks('seq', 'f:s:t:w', 'equal-width format separator terminator'),
  ...looks(
    'csvlook,csvcut,csvstat,csvgrep',
    'ABC:DHIK:LNPSVWa:bc:d:e:f:ghilm:np:q:r:tu:vxyz:',
    'delimiter tabs quotechar quoting no-doublequote maxfieldsize encoding locale skip-lines no-header-row linenumbers zero names columns not-columns delete-empty-rows regex match file invert-match any-match csv json indent count unique nulls type min max sum mean median stdev len freq freq-count max-rows max-columns max-column-width no-inference max-precision no-number-ellipsis null-value blanks snifflimit',
  ),
  ...looks(
    'cal,ncal',
    '13A:B:CJMNSYbd:ehjm:n:opqs:vwy',
    'one three sunday monday julian year twelve week months span iso reform color vertical',
  ),
  ...looks(
    'uname,nproc,arch',
    'Uabimnoprsv',
    'all hardware-platform kernel-name kernel-release kernel-version machine nodename operating-system processor ignore',
  ),
  ...looks(
    'free,uptime,w,who,whoami,id,groups,logname,users,tty,hostid,runlevel',
    'ABFGHMPRSTVZabc:dfghiklmnopqrs:tuvwxz',
    'all boot count dead heading ips login lookup mesg message process runlevel short time users writable bytes committed gibi giga human kibi kilo lohi line mebi mega pebi peta seconds si tebi tera total wide pretty since from ip-addr no-current no-header old-style container raw context group name real user zero silent quiet',
  ),
  ...looks(
    'lscpu,lsblk,lsmem,lsns,lsipc,lsmod',
    'ABCDE:I:JMN:OPQ:ST:VW:abcde:fghi:klmno:p:qrst:uvw:xyz',
    'all bytes caches extended hex json offline online output-all parse physical sysroot hierarchic raw ascii dedup discard exclude filter fs include inverse list merge nodeps nvme virtio noempty noheadings output pairs paths perms scsi shell sort topology tree width zoned highlight ct ct-filter list-columns properties-by split summary persistent task type notruncate filter creator export global id newline numeric-perms queues semaphores shmems time time-format',
  ),
  ...looks('lsusb', 's:tvd:V', 'verbose tree'),
  ...looks('lspci', 'DPbd:kmnqs:tvxi:p:', ''),
  ...looks(
    'vmstat,mpstat,numastat',
    'ADI:N:P:S:TVacdfhimno:p:stuvwyz',
    'active disk disk-sum forks no-first one-header partition slabs stats timestamp unit wide dec',
  ),
  ...looks(
    'pgrep,pidof,pstree',
    'ACF:G:H:LN:O:P:ST:U:VZacd:f:g:hilno:pqr:s:t:u:vwxz',
    'cgroup count delimiter euid exact full group ignore-ancestors ignore-case inverse lightweight list-full list-name logpidfile newest ns nslist env older oldest parent pgroup pidfile quick runstates session terminal uid arguments ascii color compact-not hide-threads highlight-all highlight-pid long ns-changes ns-sort numeric-sort security-context show-parents show-pgids show-pids thread-names uid-changes unicode vt100 single-shot check-root omit-pid separator with-workers',
  ),
  ...looks(
    'last',
    'FRTVadf:hin:p:s:t:wxy',
    'dns file fullnames fulltimes hostlast ip limit nohostname present since system time-format until tab-separated',
  ),
  ...looks('locale,getconf', 'ackmv', 'all-locales category-name charmaps keyword-name verbose'),
  ...looks(
    'findmnt',
    'ACDF:HIJM:N:O:PQ:RS:T:UVabcd:efhiklmno:p:rst:uvw:xy',
    'all ascii bytes canonicalize df deleted dfi direction evaluate filter first-only fstab hyperlink id invert json kernel list list-columns mountpoint mtab nocanonicalize nofsroot noheadings notruncate options output output-all pairs poll pseudo raw real shadowed shell shell source submounts tab-file target task timeout tree types uniq uniq-ino verbose verify vfs-all',
  ),
  ...looks('modinfo', '0F:Vabdk:lnp', 'author description license parameters filename field null basedir modname'),
  ...looks(
    'ipcs',
    'MQSTVabchi:lmopqstu',
    'all bytes creator human id limits pid queues semaphores shmems summary time posix',
  ),
  ...each(
    'system_profiler,sw_vers',
    '* & -json -xml -listDataTypes -detailLevel: -timeout: -productName -productVersion -buildVersion --productName --productVersion --buildVersion',
  ),
  ...looks('hostinfo,vm_stat,ioreg', 'ac:d:fhiln:p:rtw:x'),
  ...looks('systemd-cgls', 'M:alu:x', 'all full no-pager unit user-unit xattr cgroup-id machine'),
  ...looks('lpstat', 'DEHPRUWacdefhilnoprstuvx', ''),
  ...looks(
    'ipcalc,sipcalc',
    '46HSabcdghimnoprsuvwxX',
    'check info ipv4 ipv6 random-private split deaggregate hostname lookup-host geoinfo all-info address addrspace broadcast geo minaddr maxaddr netmask network prefix reverse-dns json no-decorate silent nocolor color nobinary class html all',
  ),
  ...looks(
    'pg_config',
    '',
    'bindir docdir htmldir includedir pkgincludedir includedir-server libdir pkglibdir localedir mandir sharedir sysconfdir pgxs configure cc cppflags cflags cflags_sl ldflags ldflags_ex ldflags_sl libs',
  ),
  ...looks('otool', 'CDGILMPQRSTVXabcdfhijlmno:p:rs:tvx', ''),
};
