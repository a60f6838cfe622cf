/** Keeps the mailbox true: ended and acted-on pairs go to the archive, broken records to quarantine. It never answers and never deletes. */
import { monotonicMs } from '../../host/clock.js';
import type { Env } from '../../host/env.js';
import type { Controller } from '../../kernel/controller.js';
import { LIMITS } from '../../model/limits.js';
import { askIdProblem, idsIn } from '../../store/asks.js';
import { dirStamps } from '../../store/dir-stamp.js';
import type { Disk } from '../../store/disk.js';
import { watchKeys } from '../../store/watch.js';
import { apply } from './apply.js';
import { observe } from './observe.js';
import { planAsk } from './plan.js';

export interface MailboxDeps {
  disk: Disk;
  env: Env;
}

const DIRS = ['asks', 'answers', 'consumed'] as const;
/** A record that was edited in place moves no directory's time. Its event comes at once; if that is lost, this look finds it. */
const WHOLE_LOOK_MS = 60_000;
const RECORD = /^(?:asks|answers|consumed)\/([^/]+)\.(?:md|json)$/;

export function mailboxController({ disk, env }: MailboxDeps): Controller {
  return {
    name: 'mailbox',
    async *keys(signal) {
      const stampNow = dirStamps(disk, () => DIRS);
      let looked: { stamp: string; at: number } | undefined;
      for await (const key of watchKeys(disk, DIRS, { pollMs: LIMITS.pollMs, signal })) {
        const id = RECORD.exec(key)?.[1];
        if (id !== undefined && askIdProblem(id) === undefined) yield id;
        if (!(DIRS as readonly string[]).includes(key)) continue;
        const stamp = stampNow();
        if (stamp === looked?.stamp && monotonicMs() - looked.at < WHOLE_LOOK_MS) continue;
        looked = { stamp, at: monotonicMs() };
        // The marks in consumed/ stay for ever; one that was set while nobody watched concerns an ask that still lies in asks/.
        yield* new Set([...idsIn(disk, 'asks'), ...idsIn(disk, 'answers')]);
      }
    },
    async reconcile(id, now) {
      const { steps, outcome } = planAsk(await observe(disk, env, id), now);
      for (const step of steps) apply(disk, id, step, now);
      return outcome;
    },
  };
}
