/** Makes every `workers/<id>/spec.json` true. Workers outlive it: it looks, takes one step at a time, and remembers nothing that matters. */
import { sleep } from '../../host/clock.js';
import { askLife } from '../../host/worker-life.js';
import type { Controller } from '../../kernel/controller.js';
import { LIMITS } from '../../model/limits.js';
import { later, settled, waiting } from '../../model/outcome.js';
import { watchKeys } from '../../store/watch.js';
import { workerIds } from '../../store/workers.js';
import { apply, type FleetDeps, fleetKnobs, runnerNameNow } from './apply.js';
import { moneyFacts, reserveWorker } from './money.js';
import { observe } from './observe.js';
import { type FleetStep, planWorker } from './plan.js';

/** Files whose change is a reason to look; transcripts change all the time and are none. */
const RECORD = /^workers\/([^/]+)\/(?:spec|status|verdict|usage)\.json$/;

/** A slow step that is quick this time needs no second look. */
const QUICK_MS = 200;
const SOON_MS = 1_000;

/** Steps that may take seconds (a grace, a verify): beside the others, so that one worker's end delays no other's start. */
const SLOW: readonly FleetStep['do'][] = ['stop', 'mend', 'verify', 'tidy'];

interface UnderWay {
  what: string;
  error?: unknown;
  done: boolean;
}

export function fleetController(deps: FleetDeps): Controller {
  /** Launches of the present generation by id: it only saves work, the claim decides who runs. */
  const launches = new Map<string, { generation: string; count: number; at: number }>();
  const underWay = new Map<string, UnderWay>();

  const begin = (id: string, step: FleetStep['do'], work: Promise<void>): Promise<unknown> => {
    const one: UnderWay = { what: step, done: false };
    underWay.set(id, one);
    return work
      .catch((error: unknown) => {
        one.error = error;
      })
      .finally(() => {
        one.done = true;
      });
  };

  return {
    name: 'fleet',
    async *keys(signal) {
      for await (const key of watchKeys(deps.disk, ['workers/*'], { pollMs: LIMITS.pollMs, signal })) {
        const id = RECORD.exec(key)?.[1];
        if (id !== undefined) yield id;
        else if (key === 'workers' || !key.includes('/', 'workers/'.length)) yield* workerIds(deps.disk);
      }
    },
    async reconcile(id, now) {
      const busy = underWay.get(id);
      if (busy && !busy.done) return waiting(`${busy.what} under way`, now + SOON_MS);
      underWay.delete(id);
      if (busy?.error !== undefined) throw busy.error;
      const facts = await observe(deps.disk, id, askLife);
      if (!facts) {
        launches.delete(id);
        return settled();
      }
      const generation = facts.record.spec?.generation ?? '';
      const known = launches.get(id);
      const mine = known?.generation === generation ? known : undefined;
      const knobs = fleetKnobs(deps);
      const { step, outcome } = planWorker(facts, {
        now,
        ttlS: knobs.workerTtlS,
        launches: mine?.count ?? 0,
        launchedAt: mine?.at,
        ...(await moneyFacts(deps.disk, facts, knobs, now)),
      });
      if (step.do === 'launch')
        reserveWorker(deps.disk, facts.record, { ...knobs, runner: runnerNameNow(deps, facts.record) }, now);
      if (step.do === 'launch') launches.set(id, { generation, count: (mine?.count ?? 0) + 1, at: now });
      const work = apply(deps, facts, step, now);
      if (!SLOW.includes(step.do)) {
        await work;
        return outcome;
      }
      await Promise.race([begin(id, step.do, work), sleep(QUICK_MS)]);
      return underWay.get(id)?.done ? later(now, `${step.do} is done`) : waiting(`${step.do} under way`, now + SOON_MS);
    },
  };
}
