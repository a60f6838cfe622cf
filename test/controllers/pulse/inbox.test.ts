import { afterEach, beforeEach, expect, test } from 'vitest';
import { inboxOf } from '../../../src/controllers/pulse/apply.js';
import { fleetOf } from '../../../src/controllers/pulse/observe.js';
import { lightWaiter } from '../../../src/host/ask-waiter.js';
import type { Profile } from '../../../src/host/profile.js';
import { resolveKnobs } from '../../../src/model/knobs.js';
import { asksFact } from '../../../src/sense/built-in.js';
import { raiseAsk, readMailbox, recordAnswer } from '../../../src/store/asks.js';
import { type Rig, rig } from '../../decide/rig.js';

const NOW = 1_800_000_000_000;
let at: Rig;
let env: Record<string, string>;
let profile: Profile;
beforeEach(() => {
  at = rig();
  env = { XDG_RUNTIME_DIR: at.dir };
  profile = { dataDir: at.disk.root, configPath: `${at.disk.root}/config.json`, isDefault: false };
});
afterEach(() => at.remove());

const { knobs } = resolveKnobs({}, {});

async function looked() {
  const { views, problems } = await fleetOf(at.disk, knobs, NOW);
  const inbox = await inboxOf({ disk: at.disk, env, profile }, { fleet: views, fleetProblems: problems }, {});
  const { pending } = await readMailbox(at.disk);
  const detail = asksFact({ pending, answered: [], problems: [] }, views, problems).detail as Record<string, object>;
  return { inbox, stranded: detail['api-1'] };
}

function raise(): void {
  const ask = { worker: 'api', kind: 'question', urgency: 'normal', prompt: 'which?', generation: 'g1' } as const;
  raiseAsk(at.disk, ask, NOW);
}

test('an ask of a worker that is gone is stranded', async () => {
  raise();
  const { inbox, stranded } = await looked();
  expect(inbox.pending).toMatchObject([{ id: 'api-1', life: 'stranded' }]);
  expect(stranded).toMatchObject({ stranded: true });
});

test.each([
  ['the workers cannot be listed', 'workers'],
  ["the worker's own record cannot be read", 'workers/api/spec.json'],
])('when %s, its ask is not called stranded and its answer is not taken away', async (_, key) => {
  raise();
  if (key === 'workers') at.write('workers', 'a file in its place');
  else at.disk.makeDir(key);
  const before = await looked();
  expect(before.inbox.pending).toMatchObject([{ id: 'api-1', life: 'live' }]);
  expect(before.stranded).toMatchObject({ stranded: false });
  recordAnswer(at.disk, { id: 'api-1', outcome: 'answered', answer: 'both', by: 'me', channel: 'cli' }, NOW);
  expect((await looked()).inbox.answers).toEqual([]);
});

test('a script that blocks on its ask is alive, so its answer goes to it alone; once it is gone the decider gets the answer', async () => {
  const waiter = await lightWaiter(env, profile.dataDir);
  try {
    const ask = {
      worker: 'deploybot',
      kind: 'question',
      urgency: 'normal',
      prompt: 'now?',
      waiter: waiter.nonce,
    } as const;
    raiseAsk(at.disk, ask, NOW);
    expect((await looked()).inbox.pending).toMatchObject([{ id: 'deploybot-1', life: 'live' }]);
    recordAnswer(at.disk, { id: 'deploybot-1', outcome: 'answered', answer: 'yes', by: 'me', channel: 'cli' }, NOW);
    expect((await looked()).inbox.answers).toEqual([]);
  } finally {
    waiter.close();
  }
  expect((await looked()).inbox.answers).toMatchObject([{ id: 'deploybot-1', life: 'stranded' }]);
});
