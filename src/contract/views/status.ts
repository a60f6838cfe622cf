/** Why is nothing moving? What the pulse says of every key it tends, in plain data; asked of the pulse itself, so it is never stale. */
import { shortDuration } from '../../lib/duration.js';
import { isObject } from '../../lib/json.js';
import { indented } from '../../lib/terminal-safe.js';
import { type PulseLife, pulseLife } from '../../ops/pulse-life.js';
import type { Disk } from '../../store/disk.js';

export interface KeyView {
  controller: string;
  key: string;
  state: string;
  why: string;
  since_ts: number;
  /** When it is looked at again unless an event comes first; null when only an event or an edit helps. */
  next_ts: number | null;
  fails: number;
}

export interface StatusView {
  pulse: {
    alive: boolean;
    state: PulseLife['state'];
    pid: number | null;
    version: string | null;
    started_ts: number | null;
    epoch: number | null;
  };
  controllers: KeyView[];
  /** What the pulse noticed and a human should know: bad knobs, broken rules, unreadable files. */
  problems: string[];
  data_dir: string;
}

export async function statusView(disk: Disk): Promise<StatusView> {
  const life = await pulseLife(disk, 2_000, { op: 'status' });
  const answer = life.answer ?? {};
  return {
    pulse: {
      alive: life.alive,
      state: life.state,
      pid: life.pid,
      version: life.holder?.version ?? null,
      started_ts: life.holder?.started_ts ?? null,
      epoch: life.holder?.epoch ?? null,
    },
    controllers: Array.isArray(answer['controllers']) ? answer['controllers'].flatMap(keyView) : [],
    problems: [
      ...(life.reason ? [`the pulse cannot be asked: ${life.reason}`] : []),
      ...(Array.isArray(answer['problems']) ? answer['problems'].filter((p) => typeof p === 'string') : []),
    ],
    data_dir: disk.root,
  };
}

function keyView(raw: unknown): KeyView[] {
  if (!isObject(raw)) return [];
  const { controller, key, state, why, since, at, fails } = raw;
  return [
    {
      controller: String(controller),
      key: String(key),
      state: String(state),
      why: String(why),
      since_ts: Math.floor(Number(since) / 1000),
      next_ts: typeof at === 'number' ? Math.ceil(at / 1000) : null,
      fails: Number(fails ?? 0),
    },
  ];
}

/** The text form; `nowTs` in unix seconds. */
export function renderStatus(view: StatusView, nowTs: number): string {
  const { pulse } = view;
  const head =
    pulse.state === 'alive'
      ? `pulse: live · pid ${pulse.pid} · up ${shortDuration(nowTs - (pulse.started_ts ?? nowTs))} · tend ${pulse.version}`
      : pulse.state === 'silent'
        ? `pulse: SILENT · pid ${pulse.pid} is there but does not answer (stopped?)`
        : pulse.state === 'unknown'
          ? 'pulse: UNKNOWN'
          : 'pulse: DOWN · nothing is sensed, decided or started until "tend up"';
  const rows = view.controllers.map((row) => {
    const next = row.next_ts === null ? '' : ` · again in ${shortDuration(Math.max(0, row.next_ts - nowTs))}`;
    const fails = row.fails > 0 ? ` · ${row.fails} fails in a row` : '';
    return `  ${row.controller}/${row.key}: ${row.state} · ${row.why}${next}${fails} · since ${shortDuration(nowTs - row.since_ts)}`;
  });
  const problems = view.problems.map((problem) => `  ! ${problem}`);
  return [head, ...rows, ...problems, `data: ${view.data_dir}`].map((line) => indented(line, '    ')).join('\n');
}
