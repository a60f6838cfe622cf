/** Keeps the mailbox true: ended and acted-on pairs go to the archive, broken records to quarantine. It never answers and never deletes. */
import type { Env } from '../../host/env.js';
import type { Controller } from '../../kernel/controller.js';
import { LIMITS } from '../../model/limits.js';
import { askIdProblem, idsIn } from '../../store/asks.js';
import type { Disk } from '../../store/disk.js';
import { watchKeys } from '../../store/watch.js';
import { apply } from './apply.js';
import { observe } from './observe.js';
import { planAsk } from './plan.js';

export interface MailboxDeps {
  disk: Disk;
  env: Env;
}

const RECORD = /^(?:asks|answers|consumed)\/([^/]+)\.(?:md|json)$/;

export function mailboxController({ disk, env }: MailboxDeps): Controller {
  return {
    name: 'mailbox',
    async *keys(signal) {
      const watched = watchKeys(disk, ['asks', 'answers', 'consumed'], { pollMs: LIMITS.pollMs, signal });
      for await (const key of watched) {
        const id = RECORD.exec(key)?.[1];
        if (id !== undefined && askIdProblem(id) === undefined) yield id;
        // The marks in consumed/ stay for ever; one that was set while nobody watched concerns an ask that still lies in asks/.
        else if (key === 'asks' || key === 'consumed') yield* idsIn(disk, 'asks');
        else if (key === 'answers') yield* idsIn(disk, 'answers');
      }
    },
    async reconcile(id, now) {
      const { steps, outcome } = planAsk(await observe(disk, env, id), now);
      for (const step of steps) apply(disk, id, step, now);
      return outcome;
    },
  };
}
