/**
 * Approvals: from "the gate says ask" to a yes that runs exactly once, or a no, or an expiry. Why a death at any point neither
 * loses nor repeats: the first to settle an answered approval creates `approvals/<ask>.json`, which says once and for all
 * whether it runs, and as which run; everybody else, and every later life, follows that record. A "run" is then performed as
 * that one run (its intent, its `started.json` and its outcome are names that exist once), and only after its outcome is
 * recorded and journaled is the answer consumed. Dying before the claim leaves everything to the next look; dying after it
 * leaves the same run to be adopted; dying before the consumption makes the next look find the outcome and consume.
 */
import { oneLine } from '../lib/clip.js';
import { digest } from '../lib/hash.js';
import { stableJson } from '../lib/json.js';
import { lineDiff } from '../lib/line-diff.js';
import { exactly, terminalSafe } from '../lib/terminal-safe.js';
import { type Answer, type Ask, readVerdict, type Proposal as StoredProposal } from '../model/ask.js';
import { messageOf, TendError } from '../model/error.js';
import { type Instant, localDay, unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import type { Move } from '../model/move.js';
import type { Settlement } from '../model/run.js';
import {
  answerKey,
  askKey,
  consumeAnswer,
  idsIn,
  isConsumed,
  raiseAsk,
  readAnswer,
  readAsk,
  recordAnswer,
} from '../store/asks.js';
import type { Disk } from '../store/disk.js';
import { logEvent } from '../store/events.js';
import { appendJournal, countJournalLines } from '../store/journal.js';
import { readPolicy, sensorKey } from '../store/policy.js';
import { quarantine } from '../store/quarantine.js';
import { runRef } from '../store/runs.js';
import { publishSettlement, readSettlement } from '../store/settlements.js';
import { type ActResult, begin, type Proposal, stampOf } from './begin.js';
import { decidedLoopId, whenOf } from './decided-loop.js';
import type { ActDeps } from './move-kind.js';
import { kindOf } from './registry.js';

/** What a yes is bound to: SHA-256 over the canonical JSON of the move. */
export const moveDigest = (move: Move): string => digest(stableJson(move));

/**
 * Asks for a move that may not happen by itself. The same move in the same world is asked once; the same move of an older
 * world is closed as expired and asked anew.
 */
export async function requestApproval(
  disk: Disk,
  proposal: Proposal,
  { reason, now }: { reason: string; now: Instant },
): Promise<ActResult> {
  const { move, journal, run, world = '' } = proposal;
  const bound = moveDigest(move);
  const open = await openApprovals(disk, bound);
  const same = open.find((ask) => ask.proposal?.world === world);
  const stored: StoredProposal = {
    move,
    digest: bound,
    world,
    reason,
    ...(journal === undefined ? {} : { journal }),
    ...(run === undefined ? {} : { run }),
  };
  const ask =
    same ??
    raiseAsk(
      disk,
      {
        worker: 'gate',
        kind: 'approval',
        urgency: 'normal',
        options: ['yes', 'no'],
        proposal: stored,
        prompt: promptOf(disk, move, reason),
      },
      now,
    );
  for (const old of open) if (old.id !== ask.id) expire(disk, old, ask.id, now);
  return { state: 'asked', ask: ask.id, reason };
}

/** Approvals of this very move that are neither closed nor acted on; an answered one that waits to be settled counts. */
async function openApprovals(disk: Disk, bound: string): Promise<Ask[]> {
  const open: Ask[] = [];
  for (const id of idsIn(disk, 'asks')) {
    const read = await readAsk(disk, id);
    if (read.state !== 'present' || read.value.kind !== 'approval') continue;
    if (read.value.proposal?.digest === bound && !isConsumed(disk, id)) open.push(read.value);
  }
  return open.sort((a, b) => b.ts - a.ts);
}

/** No answer of a human is overwritten: an ask that was answered meanwhile is settled, and expires there. */
function expire(disk: Disk, ask: Ask, successor: string, now: Instant): void {
  const text = `the world moved on; asked anew as ${successor}`;
  const closed = recordAnswer(
    disk,
    { id: ask.id, outcome: 'expired', answer: text, by: 'tend', channel: 'pulse' },
    now,
  );
  if (closed) logEvent(disk, now, 'approval.expired', { ask: ask.id, successor });
}

function promptOf(disk: Disk, move: Move, reason: string): string {
  const { what, text, kind } = shown(disk, move);
  // What the human reads must be what runs, so nothing in it may be invisible.
  const exact = exactly(text);
  const unseen =
    exact === text ? '' : '\n\n**It holds characters that cannot be seen; they are named above as <U+…>.**';
  const longest = Math.max(2, ...[...exact.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  // One line: a reason of several could pass for the rest of this prompt.
  const wanted = 'reason' in move && move.reason ? oneLine(terminalSafe(move.reason), LIMITS.journalLineChars) : '';
  const why = wanted === '' ? '' : `\n\nWhy it is wanted: ${wanted}`;
  return `${what}

${fence}${kind}
${exact}
${fence}${unseen}${why}

Asked because: ${reason}.

\`yes\` ${move.action === 'run_shell' ? 'runs exactly this, once, in the data dir' : 'allows exactly this, once'}. \`no REASON\` tells the decider why not. The ask expires when the world it was
proposed in moves on; then it is asked anew.`;
}

/** The move as the human reads it: what a yes covers, whole. */
function shown(disk: Disk, move: Move): { what: string; text: string; kind: string } {
  if (move.action === 'run_shell') return { what: 'Run this command?', text: move.cmd, kind: 'sh' };
  if (move.action === 'write_schedule' && move.cmd !== undefined)
    return {
      what: `Run this command ${whenOf(move)}, as the loop "${move.name}" (${decidedLoopId(move.name)})?`,
      text: move.cmd,
      kind: 'sh',
    };
  if (move.action !== 'write_sensor')
    return { what: `Allow this move (${move.action})?`, text: JSON.stringify(move, null, 2), kind: 'json' };
  const key = sensorKey(move.name);
  const read = readPolicy(disk, key);
  if (read.state === 'absent') return { what: `Add the sensor "${move.name}"?`, text: move.script, kind: 'sh' };
  if (read.state === 'present')
    return { what: `Change the sensor "${move.name}"?`, text: lineDiff(read.text, move.script), kind: 'diff' };
  return {
    what: `Replace the sensor "${move.name}", which cannot be read (${read.reason})?`,
    text: move.script,
    kind: 'sh',
  };
}

export type Settled = ActResult | { state: 'denied'; reason: string } | { state: 'expired' };

/** An answer, and `World.approvalHash` as it is now. */
export interface Given {
  answer: Answer;
  world: string;
  /** Makes durable what follows from this end; the answer is consumed after it, so a death before that only repeats it. */
  ended?: (result: Settled) => void;
}

/** See `settleApproval` of act.ts. */
export async function settle(deps: ActDeps, ask: Ask, given: Given, now: Instant): Promise<Settled> {
  const { disk } = deps;
  const found = readSettlement(disk, ask.id);
  if (found.state === 'absent') publishSettlement(disk, judgeAnswer(ask, given, now));
  const known = found.state === 'present' ? found : readSettlement(disk, ask.id);
  if (known.state !== 'present')
    throw new TendError('environment', `Cannot tell what became of approval "${ask.id}"`, {
      code: 'unreadable',
      cause: new Error(known.state === 'absent' ? 'its record is gone' : known.reason),
      hint: 'tend status',
    });
  const result = await follow(deps, ask, { settlement: known.value, by: given.answer.by, now });
  if (result.state === 'left-running') return result;
  given.ended?.(result);
  consumeAnswer(disk, ask.id, `gate:${known.value.verdict}`, now);
  return result;
}

/** The verdict on an answer, before anything is claimed. Whatever is not a clear yes to exactly this move never runs. */
function judgeAnswer(ask: Ask, { answer, world }: Given, now: Instant): Omit<Settlement, 'format'> {
  const is = (verdict: Settlement['verdict'], reason: string): Omit<Settlement, 'format'> => ({
    ask: ask.id,
    verdict,
    reason,
    run: `shell-${stampOf(now)}-${ask.id}`,
    day: localDay(now),
    ts: unixSeconds(now),
  });
  const { proposal } = ask;
  if (answer.outcome === 'expired') return is('expired', answer.answer);
  if (answer.outcome === 'closed') return is('denied', answer.answer || 'the ask was closed');
  const said = readVerdict(answer.answer);
  if (!said?.yes) return is('denied', said?.reason || answer.answer);
  if (!proposal) return is('refused', 'the ask holds no move');
  if (moveDigest(proposal.move) !== proposal.digest) return is('refused', 'its move is not the one that was asked');
  if (answer.digest !== proposal.digest) return is('refused', 'the yes was given to another move');
  if (proposal.world !== world) return is('expired', 'the world moved on between the question and the yes');
  return is('run', said.reason);
}

async function follow(
  deps: ActDeps,
  ask: Ask,
  { settlement, by, now }: { settlement: Settlement; by: string; now: Instant },
): Promise<Settled> {
  const { verdict, reason } = settlement;
  switch (verdict) {
    case 'run': {
      // A no that replaced the yes in the moment of the settlement was acknowledged to the human, so it counts.
      const given = await readAnswer(deps.disk, ask.id);
      if (given.state === 'present' && readVerdict(given.value.answer)?.yes !== true)
        return { state: 'denied', reason: given.value.answer };
      const { move, journal } = ask.proposal!;
      const origin = { by: 'approval', ask: ask.id, user: by } as const;
      const proposal: Proposal = { move, origin, ...(journal === undefined ? {} : { journal }) };
      return begin(deps, proposal, { run: runRef(settlement.day, settlement.run), now });
    }
    case 'denied':
      await close(deps, ask, { settlement, how: `denied by ${by}` });
      return { state: 'denied', reason };
    case 'expired':
      await close(deps, ask, { settlement, how: 'expired' });
      return { state: 'expired' };
    case 'refused':
      await close(deps, ask, { settlement, how: 'refused' });
      logEvent(deps.disk, now, 'approval.refused', { ask: ask.id, reason });
      quarantine(deps.disk, answerKey(ask.id), reason, now);
      quarantine(deps.disk, askKey(ask.id), reason, now);
      return { state: 'refused', code: 'digest-mismatch', reason: `Approval "${ask.id}" was refused: ${reason}` };
    default:
      throw verdict satisfies never;
  }
}

/** The journal says what did not happen, too. The line carries the settlement's time, so a repeat finds its own. */
async function close(
  deps: ActDeps,
  ask: Ask,
  { settlement, how }: { settlement: Settlement; how: string },
): Promise<void> {
  const { move } = ask.proposal ?? {};
  const what = move ? (await kindOf(move.action)).summary(move as never) : 'approval';
  const reason = settlement.reason ? ` · ${settlement.reason}` : '';
  const line = `${what} · ${how} in ${ask.id}${reason}`;
  const at = settlement.ts * 1000;
  try {
    if (countJournalLines(deps.disk, at, line) === 0) appendJournal(deps.disk, at, line, deps.knobs.logBytes);
  } catch (error) {
    logEvent(deps.disk, at, 'journal.failed', { ask: ask.id, reason: messageOf(error) });
  }
}
