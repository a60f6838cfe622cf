/** The data dir as a directory: is it there, is it ours alone, can it take what tend writes, and does this tend know its format? */
import { ownUid } from '../../../host/env.js';
import { shellQuote } from '../../../lib/shell-quote.js';
import { PLAYBOOK } from '../../../store/policy.js';
import { requireKnownFormat } from '../../../store/root-format.js';
import { lookAtRoot, type RootReport } from '../../../store/root-report.js';
import { type Check, type DoctorWorld, type Finding, fail, ok, warn } from '../check.js';

/** A transcript may grow to 32 MiB and keeps one older generation; below this one worker can fill the disk. */
const ROOM_BYTES = 100 * 1024 * 1024;
/** Below this not even the records of one beat fit. */
const NO_ROOM_BYTES = 1024 * 1024;
/** A beat with a worker makes some dozens of files. */
const FILES_LEAST = 1_000;

export const dataDirCheck: Check = {
  id: 'data-dir',
  about: 'the data dir: there, ours, closed to others, known format',
  look: (world) => {
    const { root } = world.disk;
    const look = lookAtRoot(root);
    if (look.state === 'absent') return [fail(`there is no data dir "${root}"`, 'tend init')];
    if (look.state === 'unreadable')
      return [fail(`the data dir "${root}" cannot be used: ${look.reason}`, `ls -ld ${shellQuote(root)}`)];
    // A newer format throws, in words and with its cure.
    requireKnownFormat(world.disk);
    const findings = [...ownership(root, look.report), ...seeded(world)];
    return findings.length > 0 ? findings : [ok(root)];
  },
};

/** Pure but for the number of the user. */
function ownership(root: string, { uid, mode, isWritable }: RootReport): Finding[] {
  const me = ownUid();
  const found: Finding[] = [];
  if (me !== undefined && me !== 0 && uid !== me)
    return [
      fail(`"${root}" belongs to user ${uid}, and what lies there is run as you`, 'export TEND_DATA_DIR=~/tend-data'),
    ];
  if ((mode & 0o002) !== 0)
    found.push(
      fail(`everybody may write in "${root}", and what lies there is run as you`, `chmod 700 ${shellQuote(root)}`),
    );
  else if ((mode & 0o077) !== 0)
    found.push(
      warn(
        `"${root}" is open to others (mode ${(mode & 0o777).toString(8)}); it holds prompts and answers`,
        `chmod 700 ${shellQuote(root)}`,
      ),
    );
  if (!isWritable) found.push(fail(`"${root}" cannot be written`, `ls -ld ${shellQuote(root)}`));
  return found;
}

function seeded({ disk }: DoctorWorld): Finding[] {
  const playbook = disk.read(PLAYBOOK);
  if (playbook.state === 'absent') return [fail(`"${disk.root}" has no ${PLAYBOOK}: it was never seeded`, 'tend init')];
  if (playbook.state === 'unreadable')
    return [
      fail(`"${disk.path(PLAYBOOK)}" cannot be read: ${playbook.reason}`, `ls -ld ${shellQuote(disk.path(PLAYBOOK))}`),
    ];
  return [];
}

export const diskCheck: Check = {
  id: 'disk',
  about: 'the file system under the data dir: room, hard links, local',
  look: ({ disk }) => {
    const look = lookAtRoot(disk.root);
    return look.state === 'present' ? judgeFs(disk.root, look.report.fs) : [];
  },
};

/** Pure. */
export function judgeFs(root: string, fs: RootReport['fs']): Finding[] {
  const df = `df -h ${shellQuote(root)}`;
  const room = `${Math.floor(fs.freeBytes / 1024 / 1024)} MiB free on ${fs.name}`;
  const found: Finding[] = [];
  if (fs.freeBytes < NO_ROOM_BYTES) found.push(fail(`the disk is full: ${room}`, df));
  else if (fs.freeBytes < ROOM_BYTES) found.push(warn(`the disk is nearly full: ${room}`, df));
  if (fs.freeFiles !== undefined && fs.freeFiles < FILES_LEAST)
    found.push(warn(`the disk can take only ${fs.freeFiles} more files`, `df -i ${shellQuote(root)}`));
  if (fs.lacksLinks)
    found.push(
      warn(
        `the data dir lies on ${fs.name}, which has no hard links: records are exclusive among tend's own processes only`,
        'export TEND_DATA_DIR=/a/directory/on/a/local/disk',
      ),
    );
  if (fs.isRemote)
    found.push(
      warn(
        `the data dir lies on ${fs.name}, where other machines may write too: locks and proof of life hold on one machine only`,
        'export TEND_DATA_DIR=/a/directory/on/a/local/disk',
      ),
    );
  return found.length > 0 ? found : [ok(room)];
}
