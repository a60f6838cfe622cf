/** The measures about agent CLIs and workers: what tend adds around them, and that it loses nothing of what they print. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './measures.js';
import { quantile, spread, wallMs } from './pairs.js';
import { type BenchProfile, fill, within } from './profile.js';
import { cpuNs, up } from './pulse.js';
import { tend, tendJson } from './tend.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const DECISION = '{"action":"noop","reason":"all is well"}';

async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (const end = performance.now() + 60_000; performance.now() < end; ) {
    const found = look();
    if (found) return found;
    await sleep(1);
  }
  throw new Error(`never came: ${what}`);
}

/** A profile with a CLI that answers at once, and what its beats left. */
function answering(profile: BenchProfile, interval = 300): { command: string; decided(): number; prompts(): string[] } {
  const command = join(profile.base, 'cli.sh');
  profile.write('../cli.sh', `#!/bin/sh\ncat >/dev/null\necho '${DECISION}'\n`, 0o700);
  profile.write('config.json', JSON.stringify({ runner: 'custom', tick_command: command, interval }));
  fill(profile, { goals: 10 });
  for (let i = 0; i < 3; i++)
    profile.write(`sensors/s${i}.sh`, `#!/bin/sh\ncat '${profile.base}/value${i}' 2>/dev/null || echo 0\n`, 0o700);
  const files = (dir: string) => readdirSync(join(profile.dataDir, dir), { recursive: true, encoding: 'utf8' });
  const events = () => readdirSync(profile.dataDir).filter((name) => name.startsWith('events-'));
  return {
    command,
    decided: () =>
      events().reduce(
        (sum, name) => sum + readFileSync(join(profile.dataDir, name), 'utf8').split('"beat.decided"').length - 1,
        0,
      ),
    prompts: () =>
      files('runs')
        .filter((name) => name.endsWith('prompt.md'))
        .map((name) => join(profile.dataDir, 'runs', name))
        .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs),
  };
}

export const a1 = (beats: number): Promise<Row> =>
  within(async (profile) => {
    const { command, decided, prompts } = answering(profile);
    up(profile);
    try {
      await until('the first beat', () => decided() > 0);
      await sleep(1_500);
      const beatMs: number[] = [];
      const cliMs: number[] = [];
      for (let i = 0; i < beats; i++) {
        const before = decided();
        const from = performance.now();
        profile.write('goals/goal-0.md', `# Goal 0\n\nKeep it, ${i}.\n`);
        await until('the decision', () => decided() > before);
        beatMs.push(performance.now() - from);
        cliMs.push(wallMs({ argv: ['bash', '--norc', '-c', `'${command}' < '${prompts().at(-1)}'`] }));
        await sleep(200);
      }
      const share = quantile(beatMs, 0.5) - quantile(cliMs, 0.5);
      return {
        id: 'A1',
        what: 'goal file replaced → decided, around a CLI that answers at once',
        baseline: 'the CLI by hand with the same prompt',
        result: `${share.toFixed(1)} ms more: ${spread(beatMs)} against ${spread(cliMs)}`,
        reach: '≤ 60 ms more',
        ok: share <= 60,
        raw: { beatMs, cliMs },
      };
    } finally {
      tend(profile, ['down']);
    }
  });

const WORKERS = 8;
/** All begin when all are there: on a busy machine the first would have ended before the last has begun. */
const WAITS = `let on=false;const may=()=>on||=require('fs').existsSync(process.argv[1].replace('writer.cjs','go'));`;
/** One character a byte, so that a missing one is seen; no line ends, which a terminal would change. */
const WRITER = `const n=+process.argv[2];${WAITS}let i=0;process.stdin.setRawMode?.(true);const lump=Buffer.alloc(10000);
const t=setInterval(()=>{if(!may())return;if(i>=n){clearInterval(t);process.exit(0)}for(let k=0;k<lump.length;k++)lump[k]=97+((i*7+k)%26);i++;process.stdout.write(lump)},10)`;

/** The same rate as the events of a CLI, a kilobyte each, numbered, so that a missing one is seen. */
const EVENT_WRITER = `const n=+process.argv[2];${WAITS}let i=0,id=0;
const event=()=>{const one={type:'item.completed',item:{id:String(id++),type:'command_execution',command:"/bin/bash -lc 'make'",aggregated_output:'',exit_code:0,status:'completed'}};
const pad=999-JSON.stringify(one).length;one.item.aggregated_output=('all is well\\n'.repeat(90)).slice(0,40)+'.'.repeat(pad-44);return JSON.stringify(one).padEnd(999)+'\\n'};
const t=setInterval(()=>{if(!may())return;if(i>=n){clearInterval(t);process.exit(0)}i++;let lump='';for(let k=0;k<10;k++)lump+=event();process.stdout.write(lump)},10)`;

interface Written {
  writer: string;
  /** Shell text of the worker, from the writer's path and how many lumps of 10,000 bytes it writes. */
  command(writer: string, lumps: number): string;
  /** Bytes that are on disk as they were written. */
  kept(worker: string): number;
  /** The file of a worker that has them. */
  file: string;
}

export const a4 = (seconds: number): Promise<Row> =>
  within(async (profile) => {
    const text = await eightAtOnce(profile, seconds, {
      writer: WRITER,
      command: (writer, lumps) => `${process.execPath} ${writer} ${lumps} # {{prompt_file}}`,
      kept: (worker) => wholeBytes(join(worker, 'transcript.log')),
      file: 'transcript.log',
    });
    const events = await within((other) =>
      eightAtOnce(other, seconds, {
        writer: EVENT_WRITER,
        command: (writer, lumps) =>
          `${writer.replace('writer.cjs', 'codex')} ${writer} ${lumps} --json # {{prompt_file}}`,
        kept: (worker) => wholeEvents(join(worker, 'stream.jsonl')),
        file: 'stream.jsonl',
      }),
    );
    const said = ({ most, lost, wanted }: Ran) =>
      `at most ${most.toFixed(1)} % of a core, ${lost} of ${wanted} bytes lost`;
    return {
      id: 'A4',
      what: `${WORKERS} workers at once, each writing 1 MB/s to its terminal`,
      baseline: '–',
      result: `text: ${said(text)} · events: ${said(events)}`,
      reach: '< 15 % for each supervisor, no byte lost',
      ok: text.most < 15 && text.lost === 0 && events.most < 15 && events.lost === 0,
      raw: { text, events },
    };
  });

interface Ran {
  percents: number[];
  most: number;
  lost: number;
  wanted: number;
}

async function eightAtOnce(
  profile: BenchProfile,
  seconds: number,
  { writer, command, kept, file }: Written,
): Promise<Ran> {
  const path = join(profile.base, 'writer.cjs');
  profile.write('../writer.cjs', writer);
  // A program of that name is taken for the CLI.
  profile.write('../codex', `#!/bin/sh\nexec ${process.execPath} "$@"\n`, 0o700);
  const worker = command(path, seconds * 100);
  profile.write('config.json', JSON.stringify({ runner: 'custom', worker_command: worker, interval: 300 }));
  up(profile);
  try {
    const all = Array.from({ length: WORKERS }, (_, i) => `w${i}`);
    for (const id of all) tend(profile, ['worker', 'start', id, 'Write.']);
    const list = () => tendJson<{ id: string; state: string }[]>(profile, ['worker', 'list', '--all', '--json']);
    const status = (id: string) => {
      try {
        return JSON.parse(readFileSync(join(profile.dataDir, `workers/${id}/status.json`), 'utf8'));
      } catch {
        return {};
      }
    };
    await until('all run', () => all.every((id) => status(id).state === 'running'));
    const pids = all.map((id) => status(id).supervisor_pid as number);
    profile.write('../go', '');
    const from = { ns: pids.map(cpuNs) };
    await sleep(seconds * 700);
    // By the bytes that came, so that a machine on which they came more slowly measures the same.
    const cameMb = (i: number) => statSync(join(profile.dataDir, `workers/w${i}`, file)).size / 1e6;
    const percents = pids.map((pid, i) => (cpuNs(pid) - from.ns[i]!) / 1e7 / cameMb(i));
    await until('all have ended', () => list().every((one) => one.state !== 'running'));
    const wanted = seconds * 100 * 10_000;
    const lost = all.reduce((sum, id) => sum + wanted - kept(join(profile.dataDir, `workers/${id}`)), 0);
    return { percents, most: Math.max(...percents), lost, wanted: wanted * WORKERS };
  } finally {
    tend(profile, ['down']);
  }
}

/** Bytes of a stream whose events follow one another; the terminal adds a CR to each. */
function wholeEvents(path: string): number {
  const lines = readFileSync(path, 'utf8').split('\r\n').filter(Boolean);
  const good = lines.filter(
    (line, n) => line.length === 999 && (JSON.parse(line) as { item: { id: string } }).item.id === String(n),
  );
  return good.length * 1_000;
}

/** Bytes of a transcript that follow the writer's pattern from lump to lump. */
function wholeBytes(path: string): number {
  const text = readFileSync(path);
  let good = 0;
  for (let i = 0; i < text.length; i++) {
    const lump = Math.floor(good / 10_000);
    if (text[i] === 97 + ((lump * 7 + (good % 10_000)) % 26)) good++;
  }
  return good;
}

export const a5 = (): Promise<Row> =>
  within(async (profile) => {
    const { decided, prompts } = answering(profile, 1);
    up(profile);
    try {
      await until('the first beat', () => decided() > 0);
      await sleep(1_500);
      const before = decided();
      profile.write('../value1', '7\n');
      await until('the second beat', () => decided() > before);
      const [one, two] = prompts()
        .slice(-2)
        .map((path) => readFileSync(path));
      let same = 0;
      while (same < one!.length && one![same] === two![same]) same++;
      const share = (100 * same) / two!.length;
      return {
        id: 'A5',
        what: 'two beats in a row, one reading changed: identical leading bytes of the prompt',
        baseline: '–',
        result: `${same} of ${two!.length} bytes, ${share.toFixed(0)} %`,
        reach: 'all of the instructions, the norms, the PLAYBOOK and the goals',
        ok: two!.subarray(0, same).includes('=== SENSOR READINGS ==='),
        raw: { same, first: one!.length, second: two!.length },
      };
    } finally {
      tend(profile, ['down']);
    }
  });

/** A worker that ignores TERM, with a child in a session of its own. */
export const a3 = (graceMs: number): Promise<Row> =>
  within(async (profile) => {
    const worker = `bash -c 'trap "" TERM HUP; setsid sleep 600 & while :; do sleep 1; done' # {{prompt_file}}`;
    profile.write('config.json', JSON.stringify({ runner: 'custom', worker_command: worker, interval: 300 }));
    up(profile);
    try {
      tend(profile, ['worker', 'start', 'w', 'Stay.']);
      await until('it runs', () => {
        try {
          return readFileSync(join(profile.dataDir, 'workers/w/status.json'), 'utf8').includes('"running"');
        } catch {
          return false;
        }
      });
      await sleep(500);
      const from = performance.now();
      tend(profile, ['kill', 'w']);
      const ms = performance.now() - from;
      const left = survivors(profile.dataDir);
      return {
        id: 'A3',
        what: 'a worker that ignores TERM, with a child in a session of its own: stopped',
        baseline: `the grace period, ${graceMs} ms`,
        result: `${ms.toFixed(0)} ms, ${left} processes left`,
        reach: '≤ grace + 2 s, none left',
        ok: ms <= graceMs + 2_000 && left === 0,
        raw: { ms, left },
      };
    } finally {
      tend(profile, ['down']);
    }
  });

const survivors = (dataDir: string): number =>
  readdirSync('/proc').filter((pid) => {
    try {
      const environ = readFileSync(`/proc/${pid}/environ`, 'utf8');
      return environ.includes(`TEND_DATA_DIR=${dataDir}\0`) && environ.includes('TEND_SESSION_ID=w\0');
    } catch {
      return false;
    }
  }).length;
