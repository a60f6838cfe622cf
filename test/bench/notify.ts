/**
 * N1: from the `link` that gives an ask its name to the moment at which a server on loopback has read the whole request about it,
 * the claim on the disk included. A hundred asks that were pushed before wait in the mailbox meanwhile.
 */
import { spawn } from 'node:child_process';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { renderFrontMatter } from '../../src/lib/front-matter.js';
import { startSlack } from '../fakes/slack.js';
import type { Row } from './measures.js';
import { quantile, spread } from './pairs.js';
import { type BenchProfile, fill, within } from './profile.js';
import { cpuNs } from './pulse.js';
import { BIN } from './tend.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const WAITING = 100;
const IDLE_S = 10;

/** Steps of store/README.md "Publish", with the time of the one that counts. */
function publishAsk({ dataDir }: BenchProfile, n: number): number {
  const id = `new-${n}`;
  const head = { format: 1, id, worker: 'new', kind: 'question', urgency: 'normal', ts: Math.floor(Date.now() / 1000) };
  const temp = `${dataDir}/asks/.tmp-${process.pid}-${id}`;
  const fd = openSync(temp, 'wx', 0o600);
  writeSync(fd, renderFrontMatter(head, `May I do thing ${n}?`));
  fsyncSync(fd);
  closeSync(fd);
  linkSync(temp, `${dataDir}/asks/${id}.md`);
  const at = performance.now();
  unlinkSync(temp);
  return at;
}

export const n1 = (asks: number): Promise<Row> =>
  within(async (profile) => {
    const slack = await startSlack();
    mkdirSync(`${profile.dataDir}/asks`, { recursive: true });
    fill(profile, { pending: WAITING });
    const env = { ...process.env, ...profile.env, TEND_SLACK_WEBHOOK_URL: slack.hookUrl };
    const child = spawn(process.execPath, [BIN, 'notify'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    try {
      while (slack.hooked.length < WAITING) await sleep(50);
      await sleep(1_000);
      const ms: number[] = [];
      for (let n = 1; n <= asks; n++) {
        const before = slack.posted.length;
        const from = publishAsk(profile, n);
        while (slack.posted.length === before) await sleep(2);
        ms.push(slack.posted[before]!.at - from);
        // Asks come one by one and not in a row: the note of the last one is on the disk by then.
        await sleep(100 + 7 * (n % 13));
      }
      const busy = cpuNs(child.pid!);
      await sleep(IDLE_S * 1_000);
      const idle = (cpuNs(child.pid!) - busy) / 1e9 / IDLE_S;
      return {
        id: 'N1',
        what: `ask published → \`tend notify\` has delivered it to a webhook on loopback, ${WAITING} other asks wait`,
        baseline: '–',
        result: `p95 ${quantile(ms, 0.95).toFixed(0)} ms, median ${spread(ms)}, worst ${Math.max(...ms).toFixed(0)} ms, n = ${ms.length}; idle ${(idle * 100).toFixed(2)} % of a core`,
        reach: 'p95 < 200 ms',
        ok: quantile(ms, 0.95) < 200,
        raw: { ms, idle },
      };
    } finally {
      child.kill();
      await slack.close();
    }
  });
