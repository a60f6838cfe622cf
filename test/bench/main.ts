/**
 * `npm run bench [P1 P4 …]`: the performance table (P: the loop and its verbs, A: agents, N: the relay, L: timed loops and the ledger, W: `tend watch`, U: the screen of the client) in one run on this machine, about ten minutes. Prints the table and one
 * line of JSON with the raw samples; a run of all keeps the table in RESULTS.md (results.json is not committed).
 * BENCH_IDLE_S shortens P6 for a quick look. Sets no exit code by what it measured: a shared machine is noisy, and numbers are for reading.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { LIMITS } from '../../src/model/limits.js';
import { a1, a3, a4, a5 } from './agents.js';
import { u1, u2, u3 } from './client.js';
import { p2, p3 } from './latency.js';
import { l1, l2, l3, l4 } from './loops.js';
import { p1, p4, p5, p6, p7, type Row } from './measures.js';
import { NOTES } from './notes.js';
import { n1 } from './notify.js';
import { a2 } from './streams.js';
import { w1, w2 } from './watch.js';

const IDLE_S = Number(process.env['BENCH_IDLE_S'] ?? 300);
const MEASURES: Record<string, () => Promise<Row>> = {
  P1: () => p1(40),
  P2: () => p2(120),
  P3: () => p3(30),
  P4: () => p4(20),
  P5: () => p5(10),
  P6: () => p6(IDLE_S),
  P7: () => p7(10),
  A1: () => a1(30),
  A2: () => a2(3),
  A3: () => a3(LIMITS.stopGraceMs),
  A4: () => a4(10),
  A5: () => a5(),
  N1: () => n1(60),
  L1: () => l1(20),
  L2: () => l2(Math.min(IDLE_S, 120)),
  L3: () => l3(),
  L4: () => l4(40),
  W1: () => w1(10),
  W2: () => w2(30),
  U1: () => u1(20),
  U2: () => u2(20),
  U3: () => u3(Math.min(IDLE_S, 120)),
};

const asked = process.argv.slice(2);
const rows: Row[] = [];
const loads: number[] = [loadavg()[0]!];
for (const [id, measure] of Object.entries(MEASURES)) {
  if (asked.length > 0 && !asked.includes(id)) continue;
  const row = await measure();
  console.log(`${row.id}  ${row.ok ? 'reached' : 'MISSED '}  ${row.result}  (${row.what}; reach ${row.reach})`);
  rows.push(row);
  loads.push(loadavg()[0]!);
}

const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}, Node ${process.version}`;
const table = [
  '# What `npm run bench` measured last',
  '',
  `${machine}, shared with other work: load average ${Math.min(...loads).toFixed(0)} to ${Math.max(...loads).toFixed(0)} meanwhile. Pairs of runs, interleaved; medians, and in brackets between which times eight of ten lie.`,
  '',
  '| # | measure | baseline | result | reach | |',
  '|---|---|---|---|---|---|',
  ...rows.map((row) =>
    ['', row.id, row.what, row.baseline, row.result, row.reach, row.ok ? 'reached' : 'missed', '']
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | ')
      .trim(),
  ),
  '',
  ...rows.flatMap(({ id, ok }) => (ok || !NOTES[id] ? [] : [`**What ${id} is made of.** ${NOTES[id]}`, ''])),
].join('\n');
const here = new URL('./', import.meta.url);
const raw = JSON.stringify({ machine, rows });
writeFileSync(new URL('results.json', here), `${raw}\n`);
console.log(`\n${table}\n${raw}`);
if (asked.length === 0) writeFileSync(new URL('RESULTS.md', here), table);
