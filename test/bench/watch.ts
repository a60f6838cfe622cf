/** `tend watch` on a terminal of 250×60: how soon a transcript of 100 MB fills the screen, and what following costs while nothing comes. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type Person, sitDown } from '../clients/watch/person.js';
import type { Row } from './measures.js';
import { compare, spread } from './pairs.js';
import { type BenchProfile, within } from './profile.js';
import { cpuNs, rssMb } from './pulse.js';

const SIZE = { columns: 250, rows: 60 };
const BIG_BYTES = 100 * 1024 * 1024;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The records of an ended worker; returns the number of its last line. */
function worker(profile: BenchProfile, id: string, bytes: number): number {
  const spec = { format: 1, id, generation: id, desired: 'running', ts: 1_700_000_000 };
  const status = {
    ...{ format: 1, id, generation: id, state: 'exited', exit_code: 0, socket: '/none', nonce: 'n', supervisor_pid: 1 },
    ...{ child_pid: null, columns: 120, rows: 40, started_ts: 1_700_000_000, ended_ts: 1_700_000_100 },
  };
  profile.write(`workers/${id}/spec.json`, JSON.stringify(spec));
  profile.write(`workers/${id}/status.json`, JSON.stringify(status));
  profile.write(`workers/${id}/transcript.log`, '');
  const fd = openSync(`${profile.dataDir}/workers/${id}/transcript.log`, 'a');
  let n = 0;
  for (let written = 0; written < bytes; ) {
    const lines: string[] = [];
    for (let i = 0; i < 100; i++)
      lines.push(`\u001b[3${n % 8}mstep ${n++}\u001b[0m of what an agent prints while it works on something\r\n`);
    written += writeSync(fd, lines.join(''));
  }
  closeSync(fd);
  return n - 1;
}

async function shows(person: Person, what: string): Promise<void> {
  while (!person.lines().some((line) => line.includes(what))) {
    if (person.ended()) throw new Error(`it ended: ${person.text()}`);
    await sleep(2);
  }
}

export const w1 = (pairs: number): Promise<Row> =>
  within(async (profile) => {
    const ends = { big: worker(profile, 'big', BIG_BYTES), small: worker(profile, 'small', 4_096) };
    const open = async (id: 'big' | 'small') => {
      const from = performance.now();
      const person = sitDown(['watch', id], { env: { ...process.env, ...profile.env }, ...SIZE });
      try {
        await shows(person, `step ${ends[id]} `);
        return performance.now() - from;
      } finally {
        person.leave();
      }
    };
    const raw = await compare(
      pairs,
      () => open('big'),
      () => open('small'),
    );
    return {
      id: 'W1',
      what: '`tend watch` of a transcript of 100 MB to its first full screen, 250×60',
      baseline: 'a transcript of one screen',
      result: `${raw.ratio.toFixed(2)} × · ${spread(raw.measuredMs)} against ${spread(raw.baselineMs)}`,
      reach: '< 1,000 ms',
      ok: Number(raw.measuredMs.sort((a, b) => a - b).at(Math.floor(raw.measuredMs.length / 2))) < 1_000,
      raw,
    };
  });

export const w2 = (seconds: number): Promise<Row> =>
  within(async (profile) => {
    const last = worker(profile, 'big', BIG_BYTES);
    const person = sitDown(['watch', 'big'], { env: { ...process.env, ...profile.env }, ...SIZE });
    try {
      await shows(person, `step ${last} `);
      while (person.text().includes('loading')) await sleep(50);
      // Garbage of the replay is collected: V8 looks for more of it when nothing has happened for 100 s.
      await sleep(120_000);
      const readOf = () => Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${person.pid}/io`, 'utf8'))![1]);
      const before = { ns: cpuNs(person.pid), read: readOf(), painted: person.bytes().length };
      await sleep(seconds * 1_000);
      const raw = {
        percent: (cpuNs(person.pid) - before.ns) / (seconds * 1e7),
        read: readOf() - before.read,
        painted: person.bytes().length - before.painted,
        mb: rssMb(person.pid),
      };
      return {
        id: 'W2',
        what: `following a transcript of 100 MB for ${seconds} s in which nothing comes, two minutes after it was opened`,
        baseline: '–',
        result: `${raw.percent.toFixed(3)} % of a core, ${raw.read} bytes read, ${raw.painted} painted, ${raw.mb.toFixed(0)} MB`,
        reach: '< 0.1 %, nothing painted',
        ok: raw.percent < 0.1 && raw.painted === 0,
        raw,
      };
    } finally {
      person.leave();
    }
  });
