/** The plain loop in shell, with the built program on its path and a stand-in for Slack. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeStage } from '../clients/notify/relay.js';
import { BIN, until } from '../contract/tend-process.js';
import { startSlack } from '../fakes/slack.js';

const LOOP = new URL('../../seeds/notify/slack.sh', import.meta.url).pathname;

const toolAt = (name: string): string =>
  spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
const [curl, jq] = [toolAt('curl'), toolAt('jq')];
const hasTools = curl !== '' && jq !== '';
if (!hasTools) console.warn('SKIPPED: the loop in shell needs curl and jq, which are not both on this machine');

test.skipIf(!hasTools)(
  'each new ask once, over a restart as well; one that was not taken comes again; the address is in no argument',
  async () => {
    const slack = await startSlack();
    const at = makeStage();
    const bin = join(dirname(at.root), 'bin');
    mkdirSync(bin);
    symlinkSync(BIN, join(bin, 'tend'));
    // Notes what curl is called with, where every user of the machine could read it, and calls it.
    writeFileSync(join(bin, 'curl'), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${bin}/args'\nexec '${curl}' "$@"\n`, {
      mode: 0o755,
    });
    const env = {
      ...at.env,
      PATH: `${bin}:${process.env['PATH']}`,
      SLACK_WEBHOOK_URL: slack.hookUrl,
      XDG_STATE_HOME: join(dirname(at.root), 'state'),
    };
    const start = () => spawn(LOOP, { env, stdio: 'ignore', detached: true });
    const end = (child: ReturnType<typeof start>) =>
      new Promise((resolve) => {
        child.on('close', resolve);
        // Its group: the loop, and the wait that it sleeps in.
        process.kill(-child.pid!, 'SIGKILL');
      });
    slack.fail('secret-of-the-hook', { status: 503 });
    const first = at.ask({ prompt: 'Is <it> "done" & dusted?' });
    let loop = start();
    try {
      await until('the first, although the server failed once', () => slack.hooked.length === 1);
      const second = at.ask();
      await until('the second', () => slack.hooked.length === 2);
      // Killed between the push and its note it would push again.
      const seen = join(dirname(at.root), 'state/tend-pushed-asks');
      await until('it is noted', () => readFileSync(seen, 'utf8').includes(second.id));
      await end(loop);
      loop = start();
      const third = at.ask();
      await until('the third', () => slack.hooked.length === 3);
      expect(slack.hooked).toEqual(
        [
          [first.id, 'Is &lt;it&gt; "done" &amp; dusted?'],
          [second.id, 'Which day?'],
          [third.id, 'Which day?'],
        ].map(([id, prompt]) => ({ text: `*${id}*: ${prompt}\n\`tend answer ${id} …\`` })),
      );
      const called = readFileSync(join(bin, 'args'), 'utf8');
      expect(called).toContain('--data-binary');
      expect(called).not.toContain('secret-of-the-hook');
    } finally {
      await end(loop);
      at.remove();
      await slack.close();
    }
  },
);
