/** Keeps the ledger small: once an hour settled slots are folded, and what is past its retention goes. One key, `ledger`. */
import { monotonicMs } from '../../host/clock.js';
import type { Env } from '../../host/env.js';
import type { Profile } from '../../host/profile.js';
import type { Controller } from '../../kernel/controller.js';
import { GC_KINDS } from '../../runs/gc.js';
import type { Disk } from '../../store/disk.js';
import { apply } from './apply.js';
import { type Done, observe } from './observe.js';
import { planRetention } from './plan.js';

export interface RetentionDeps {
  disk: Disk;
  env: Env;
  profile: Profile;
  log(level: 'info' | 'warn' | 'error', event: string, text: string): void;
  /** Nothing more is begun. */
  finish: AbortSignal;
}

export function retentionController({ disk, env, profile, log, finish }: RetentionDeps): Controller {
  const done: Done = { atMs: monotonicMs(), isLater: false };
  return {
    name: 'retention',
    async *keys() {
      yield 'ledger';
    },
    async reconcile(_, now) {
      const { keeps, ...facts } = observe({ env, configPath: profile.configPath }, done);
      const { isDue, outcome } = planRetention(facts, now);
      if (!isDue) return outcome;
      const problem = (text: string) => log('warn', 'ledger.problem', text);
      const counts = await apply({ disk, signal: finish, problem }, { keeps, now });
      done.atMs = monotonicMs();
      done.isLater = true;
      const told = GC_KINDS.filter((kind) => counts[kind].n > 0).map((kind) => `${kind} ${counts[kind].n}`);
      if (told.length > 0) log('info', 'ledger.kept', `the ledger was gone through: ${told.join(', ')}`);
      return outcome;
    },
  };
}
