import { resolve } from 'node:path';
import { now } from '../../host/clock.js';
import { programVersion } from '../../host/program.js';
import { writeBytes } from '../../host/stdio.js';
import { tarEnd, tarEntry } from '../../lib/tar.js';
import { badInput, refused } from '../../model/error.js';
import type { ExportReport } from '../../ops/export/collect.js';
import { dirTarget, fileTarget } from '../../store/export-target.js';
import type { Context, Verb, VerbResult } from '../verb.js';

/** Reads the data dir as it is now, also while the pulse goes on; nothing in it changes. */
export const verb: Verb = {
  path: ['export'],
  group: 'other',
  about: 'Copy the whole profile, without keys, secrets, sockets and locks',
  details:
    'Goals, PLAYBOOK, sensors, asks, answers, schedules, journal, runs, spend, reports, histories, workers with their transcripts, and the config. Left out are the key ' +
    'of seals, locks, leases, what is under way, worktrees and caches. Known tokens and the values of secret variables are taken out of every text. ' +
    'It may be made while the pulse runs: what is in it has all that it rests on in it. "tend import tend DIR" is the way back.',
  args: [
    {
      name: 'target',
      about: 'a directory that is not there yet, a file that ends in .tar, or "-": a tar on stdout',
      required: true,
      complete: 'files',
    },
  ],
  flags: { json: { type: 'boolean', about: 'print {target, files, bytes, left}; not with "-"' } },
  exits: { 1: 'something is there already' },
  human: true,
  examples: [
    { line: 'tend export ~/tend-2026-11-21', about: 'a directory' },
    { line: 'tend export - | gzip > tend.tar.gz', about: 'a packed archive' },
  ],
  async run({ args, flags }, context) {
    const target = args['target'] ?? '-';
    if (context.disk.stat('').state !== 'present')
      throw refused('no-data-dir', `Cannot export: there is no data dir "${context.disk.root}"`, 'tend init');
    if (target !== '-') return toDisk(resolve(target), context);
    if (flags['json'] === true)
      throw badInput('Cannot export to stdout with --json: both are stdout', 'tend export DIR --json');
    if (context.tty.out) throw badInput('Cannot write a tar archive to a terminal', 'tend export - > tend.tar');
    const report = emptyReport();
    for await (const file of collect(context, report)) await writeBytes(1, tarEntry(file));
    await writeBytes(1, tarEnd());
    for (const { key, reason } of report.left) context.warn(`"${key}" is not in the export: ${reason}`);
    return { text: '', ownsStdout: true };
  },
};

const emptyReport = (): ExportReport => ({ files: 0, bytes: 0, left: [] });

async function* collect(context: Context, report: ExportReport) {
  const { collectExport } = await import('../../ops/export/collect.js');
  const { disk, profile, env, seeds } = context;
  yield* collectExport(
    { disk, configPath: profile.configPath, env, version: programVersion(seeds), now: now() },
    report,
  );
}

async function toDisk(path: string, context: Context): Promise<VerbResult> {
  const { root } = context.disk;
  if (path === root || path.startsWith(`${root}/`))
    throw badInput(`Cannot export to "${path}": it lies in the data dir itself`, 'tend export ~/tend-export');
  const report = emptyReport();
  const isTar = path.endsWith('.tar');
  const file = isTar ? fileTarget(path) : undefined;
  const target = file ?? dirTarget(path);
  try {
    for await (const one of collect(context, report)) {
      context.signal.throwIfAborted();
      if (file) file.write(tarEntry(one));
      else (target as ReturnType<typeof dirTarget>).put(one);
    }
    file?.write(tarEnd());
    target.finish();
  } finally {
    target.drop();
  }
  for (const { key, reason } of report.left) context.warn(`"${key}" is not in the export: ${reason}`);
  return {
    text: `${path}: ${report.files} files, ${Math.ceil(report.bytes / 1024)} KiB`,
    json: { target: path, files: report.files, bytes: report.bytes, left: report.left },
  };
}
