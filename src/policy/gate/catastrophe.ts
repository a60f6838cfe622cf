/**
 * What is refused and never asked, because a wrong yes cannot be lived with: erasing the system, a home or a disk, turning the
 * machine off, overwriting the main branch for everybody. Pure. It sees what is written, also inside wrappers and
 * substitutions; what is hidden better than that is asked, because nothing vouches for it.
 */

const SYSTEM =
  'bin boot dev etc home lib lib64 opt proc root sbin srv sys usr var System Library Users Applications Volumes'.split(
    ' ',
  );

/** `/`, a home, or a directory of the system, or everything in it. */
function isVital(word: string): boolean {
  const path = word
    .replace(/\$\{HOME\}|\$HOME\b|~(?=\/|$)/g, '~')
    .replace(/\/(?:\.?\/)+/g, '/')
    .replace(/\/\.?$/, '')
    .replace(/\/\{?\.?\*+\}?$|\/\.\[.*$/, '');
  if (path === '' && word !== '') return true;
  if (/^(~|\/\*+|~\w*|\/\.\.)$/.test(path)) return true;
  const names = path.split('/');
  return names.length === 2 && names[0] === '' && SYSTEM.includes(names[1]!);
}

/** Disks and their parts; not the harmless devices. */
export const isDisk = (path: string): boolean =>
  /^\/dev\/(?:sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\d|mmcblk\d|md\d|dm-\d|mapper\/|disk\d?|rdisk\d|loop\d|nbd\d|mem|kmem|port)/.test(
    path,
  );

const MAIN = /^(?:refs\/heads\/)?(main|master|trunk|production|release)$/;

type Check = (args: readonly string[], has: (letters: string, ...long: string[]) => boolean) => string | undefined;
const vitalOf = (args: readonly string[]): string | undefined =>
  args.find((arg) => !arg.startsWith('-') && isVital(arg));
const OFF = 'it turns the machine off';
const off: Check = () => OFF;
const disk: Check = (args) => (args.some(isDisk) ? 'it erases a disk' : undefined);

const CHECKS: Readonly<Record<string, Check>> = {
  rm: (args, has) => {
    if (has('', '--no-preserve-root')) return 'it deletes the whole system';
    const vital = has('rR', '--recursive') ? vitalOf(args) : undefined;
    return vital === undefined ? undefined : `it deletes everything in ${JSON.stringify(vital)}`;
  },
  find: (args) => {
    const vital = args.find((arg) => isVital(arg));
    const deletes =
      args.includes('-delete') ||
      args.some((arg, at) => /^-(exec|ok)/.test(arg) && /^(.*\/)?(rm|shred|unlink)$/.test(args[at + 1] ?? ''));
    const isWhole = !args.some((arg) =>
      /^-(name|iname|path|ipath|regex|iregex|newer|mtime|mmin|size|empty|user|maxdepth)/.test(arg),
    );
    return vital !== undefined && deletes && isWhole ? `it deletes everything in ${JSON.stringify(vital)}` : undefined;
  },
  mv: (args) => {
    const vital = vitalOf(args.slice(0, -1));
    return vital === undefined ? undefined : `it moves ${JSON.stringify(vital)} away`;
  },
  ...Object.fromEntries(
    ['chmod', 'chown', 'chgrp'].map((name): [string, Check] => [
      name,
      (args, has) =>
        has('R', '--recursive') && vitalOf(args)
          ? `it changes the rights of everything in ${JSON.stringify(vitalOf(args))}`
          : undefined,
    ]),
  ),
  dd: (args) =>
    args.some((arg) => arg.startsWith('of=') && isDisk(arg.slice(3))) ? 'it overwrites a disk' : undefined,
  tee: disk,
  shred: disk,
  cp: (args) => (isDisk(args.at(-1) ?? '') ? 'it overwrites a disk' : undefined),
  wipefs: (args, has) => (has('a', '--all') || disk(args, has) ? 'it erases a disk' : undefined),
  mkswap: disk,
  blkdiscard: disk,
  sgdisk: (args, has) => (has('Zoz', '--zap-all', '--zap', '--clear') ? disk(args, has) : undefined),
  cryptsetup: ([sub = '']) => (/^(luksFormat|erase|luksErase|reencrypt)$/.test(sub) ? 'it erases a disk' : undefined),
  nvme: ([sub = '']) => (/^(format|sanitize)$/.test(sub) ? 'it erases a disk' : undefined),
  hdparm: (args) => (args.some((arg) => arg.startsWith('--security-erase')) ? 'it erases a disk' : undefined),
  zpool: ([sub]) => (sub === 'destroy' ? 'it erases a pool of disks' : undefined),
  diskutil: ([sub = '']) => (/^(erase|zero|secureErase|partitionDisk)/i.test(sub) ? 'it erases a disk' : undefined),
  shutdown: off,
  reboot: off,
  halt: off,
  poweroff: off,
  init: ([level = '']) => (/^[06sS1]$/.test(level) ? OFF : undefined),
  telinit: ([level = '']) => (/^[06sS1]$/.test(level) ? OFF : undefined),
  systemctl: (args) =>
    args.some((arg) =>
      /^(poweroff|reboot|halt|kexec|soft-reboot|suspend|hibernate|hybrid-sleep|emergency|rescue|exit)$/.test(arg),
    )
      ? OFF
      : undefined,
  kill: (args) =>
    args.slice(1).includes('-1') || (args[0] === '-1' && args.length === 1) ? 'it ends every process' : undefined,
  killall5: () => 'it ends every process',
  git: (args) => forcePush(args),
  kubectl: (args) => {
    if (!args.includes('delete')) return undefined;
    const isSpace = args.some((arg) => /^(ns|namespaces?)$/.test(arg));
    if (isSpace && args.some((arg) => /^(--all|kube-system|default)$/.test(arg)))
      return 'it deletes a vital part of the cluster';
    return args.includes('--all') && args.some((arg) => /^(-A|--all-namespaces)$/.test(arg))
      ? 'it deletes all of the cluster'
      : undefined;
  },
};

function forcePush(args: readonly string[]): string | undefined {
  const at = args.indexOf('push');
  if (at < 0) return undefined;
  const rest = args.slice(at + 1);
  const forced = rest.some((arg) => /^(--force(-with-lease|-if-includes)?(=.*)?|-[a-z]*f[a-z]*)$/.test(arg));
  const deletes = rest.some((arg) => /^(--delete|-[a-z]*d[a-z]*)$/.test(arg));
  const hit = rest.find((arg) => {
    const [source = '', target = source] = arg.replace(/^\+/, '').split(':');
    const isMain = MAIN.test(target);
    return isMain && (forced || deletes || arg.startsWith('+') || (source === '' && arg.includes(':')));
  });
  return hit === undefined ? undefined : `it overwrites or deletes ${JSON.stringify(hit)} for everybody`;
}

/** The reason to refuse a command, by its words as they are written; `words[0]` is the program, with or without its path. */
export function catastropheOf(words: readonly string[]): string | undefined {
  const [path = '', ...args] = words;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^(mkfs|newfs)(\.|_|$)/.test(name)) return 'it erases a disk';
  const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
  const has = (letters: string, ...long: string[]): boolean =>
    args.some((arg) =>
      arg.startsWith('--')
        ? long.some((flag) => arg.length > 3 && flag.startsWith(arg.split('=')[0]!))
        : /^-[A-Za-z]/.test(arg) && [...letters].some((letter) => arg.includes(letter)),
    );
  return check?.(args, has);
}
