/** The screen of `tend client` in a real terminal: how soon it stands, how soon a key is seen on it, and what it costs while nothing happens. */
import { mkdirSync } from 'node:fs';
import { type IPty, spawn } from '@lydell/node-pty';
import { build } from 'esbuild';
import { renderFrontMatter } from '../../src/lib/front-matter.js';
import { jsonRecord } from '../../src/store/codec.js';
import type { Row } from './measures.js';
import { compare, quantile, spread } from './pairs.js';
import { type BenchProfile, fill, within } from './profile.js';
import { cpuNs } from './pulse.js';
import { BIN } from './tend.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const SIZE = { cols: 250, rows: 60 };

interface Open {
  child: IPty;
  /** Everything that came since the last call of `forget`. */
  seen(): string;
  forget(): void;
  /** `performance.now()` when the last piece came. */
  lastAt(): number;
  until(what: (text: string) => boolean): Promise<number>;
  close(): Promise<void>;
}

function open(argv: readonly [string, ...string[]], env: Record<string, string>, size = SIZE): Open {
  const { CI: _, ...outside } = process.env;
  const child = spawn(argv[0], argv.slice(1), {
    ...size,
    name: 'xterm-256color',
    env: { ...(outside as Record<string, string>), TERM: 'xterm-256color', ...env },
  });
  let text = '';
  let at = 0;
  let look = () => {};
  let isOver = false;
  child.onData((data) => {
    at = performance.now();
    text += data;
    look();
  });
  const over = new Promise<void>((resolve) => {
    child.onExit(() => {
      isOver = true;
      resolve();
    });
  });
  return {
    child,
    seen: () => text,
    forget: () => {
      text = '';
    },
    lastAt: () => at,
    until: (what) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`never came; there was ${JSON.stringify(text.slice(-500))}`)),
          30_000,
        );
        look = () => {
          if (!what(text)) return;
          clearTimeout(timer);
          look = () => {};
          resolve(at);
        };
        look();
      }),
    close: () => {
      if (!isOver) child.kill('SIGKILL');
      return over;
    },
  };
}

/** Wall time from the start of a program to this text on its terminal. */
async function firstFrameMs(
  argv: readonly [string, ...string[]],
  env: Record<string, string>,
  text: string,
): Promise<number> {
  const from = performance.now();
  const terminal = open(argv, env);
  try {
    return (await terminal.until((seen) => seen.includes(text))) - from;
  } finally {
    await terminal.close();
  }
}

/** An Ink program that paints one word, built as tend is built: bundled, with React's own build for use. */
async function emptyInk({ base }: BenchProfile): Promise<string> {
  mkdirSync(`${base}/empty`, { recursive: true });
  await build({
    stdin: {
      contents: `import { render, Text } from 'ink'; import { createElement } from 'react';
        render(createElement(Text, null, 'ready')); setTimeout(() => {}, 60_000);`,
      resolveDir: new URL('../..', import.meta.url).pathname,
      sourcefile: 'main.js',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['react-devtools-core'],
    define: { 'process.env.NODE_ENV': '"production"' },
    minifyWhitespace: true,
    minifySyntax: true,
    splitting: true,
    outdir: `${base}/empty`,
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
    banner: { js: "import { createRequire as $r } from 'node:module'; const require = $r(import.meta.url);" },
  });
  return `${base}/empty/stdin.mjs`;
}

export const u1 = (pairs: number): Promise<Row> =>
  within(async (profile) => {
    fill(profile, { goals: 50, pending: 100 });
    const empty = await emptyInk(profile);
    const client = () => firstFrameMs([process.execPath, BIN, 'client'], profile.env, 'waiting for you');
    const raw = await compare(pairs, client, () => firstFrameMs([process.execPath, empty], {}, 'ready'));
    return {
      id: 'U1',
      what: 'first frame of `tend client`, 100 asks, 250×60',
      baseline: 'an Ink program that paints one word, bundled in the same way',
      result: `${raw.ratio.toFixed(2)} × · ${spread(raw.measuredMs)} against ${spread(raw.baselineMs)}`,
      reach: '≤ 2.2 ×',
      ok: raw.ratio <= 2.2,
      raw,
    };
  });

/** Workers that have not begun: their records are read and watched like any. */
function crew({ write }: BenchProfile, n: number): void {
  for (let i = 0; i < n; i++) {
    const generation = i.toString(16).padStart(16, '0');
    write(`workers/c${i}/spec.json`, jsonRecord({ id: `c${i}`, generation, desired: 'running', ts: 1_795_252_903 }));
    write(`workers/c${i}/transcript.log`, 'ready\n');
  }
}

function manyAsks(profile: BenchProfile, n: number): void {
  const ts = Math.floor(Date.now() / 1000) - 100_000;
  for (let i = 0; i < n; i++) {
    const id = `w${i}-1`;
    const head = {
      format: 1,
      id,
      worker: `w${i}`,
      kind: 'question',
      urgency: 'normal',
      options: ['yes', 'no'],
      ts: ts + i,
    };
    const prompt = `# May I do thing ${i}?\n\nIt is a *longer* text with \`words\` of context, 日本語 and 🎉.\n\n- one\n- two`;
    profile.write(`asks/${id}.md`, renderFrontMatter(head, prompt));
  }
  profile.write('answers/.keep', '');
  profile.write('consumed/.keep', '');
}

const KEYS: readonly string[] = [
  'j',
  'j',
  'k',
  '\u001b[6~',
  '\u001b[B',
  'G',
  'g',
  '\r',
  'a',
  'b',
  'c',
  '\u001b[D',
  'X',
  '\u007f',
  '\u001b[5~',
  '\u0015',
  '\u001b',
];

export const u2 = (rounds: number): Promise<Row> =>
  within(async (profile) => {
    manyAsks(profile, 1_000);
    crew(profile, 200);
    const terminal = open([process.execPath, BIN, 'client'], profile.env);
    try {
      await terminal.until((seen) => seen.includes('1000 waiting for you'));
      await sleep(3_000);
      const ms: number[] = [];
      for (let round = 0; round < rounds; round++)
        for (const key of KEYS) {
          terminal.forget();
          const from = performance.now();
          terminal.child.write(key);
          // Escape alone is heard after a moment, by design; what is measured is the way to the screen.
          const wait = key === '\u001b' ? 0 : from;
          const at = await Promise.race([terminal.until((seen) => seen.length > 0), sleep(500).then(() => 0)]);
          if (at > 0 && wait > 0) ms.push(at - from);
          await sleep(20);
        }
      return {
        id: 'U2',
        what: 'key typed → bytes on the screen, 1,000 asks, 200 workers, 250×60',
        baseline: '–',
        result: `p95 ${quantile(ms, 0.95).toFixed(1)} ms, median ${spread(ms)}, worst ${Math.max(...ms).toFixed(1)} ms, n = ${ms.length}`,
        reach: 'p95 < 50 ms',
        ok: quantile(ms, 0.95) < 50,
        raw: { ms },
      };
    } finally {
      await terminal.close();
    }
  });

export const u3 = (idleS: number): Promise<Row> =>
  within(async (profile) => {
    manyAsks(profile, 1_000);
    crew(profile, 200);
    const terminal = open([process.execPath, BIN, 'client'], profile.env);
    try {
      await terminal.until((seen) => seen.includes('1000 waiting for you'));
      await sleep(8_000);
      terminal.forget();
      const from = { ns: cpuNs(terminal.child.pid), at: performance.now() };
      await sleep(idleS * 1000);
      const percent = ((cpuNs(terminal.child.pid) - from.ns) / 1e6 / (performance.now() - from.at)) * 100;
      const bytes = terminal.seen().length;
      return {
        id: 'U3',
        what: `idle \`tend client\` over ${idleS} s, 1,000 asks, 200 workers, 250×60`,
        baseline: '–',
        result: `${percent.toFixed(3)} % of a core, ${bytes} characters to the terminal`,
        reach: '< 0.3 %',
        ok: percent < 0.3,
        raw: { percent, bytes },
      };
    } finally {
      await terminal.close();
    }
  });
