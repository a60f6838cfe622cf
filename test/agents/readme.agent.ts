import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { BIN } from '../e2e/house.js';
import { type AgentHouse, forEachAgent, living, openAgentHouse, until } from './house.js';

// A new user types the README's first round, word by word, with each of the CLIs, in an empty home.
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const BLOCKS = [...README.matchAll(/^```sh agents\n(.*?)^```$/gms)].map((match) => match[1]!);

forEachAgent((agent, test) => {
  let house: AgentHouse;
  beforeEach(async () => {
    house = await openAgentHouse(agent);
    const bin = join(house.base, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'tend'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    chmodSync(join(bin, 'tend'), 0o755);
    // The profile of a user who has set nothing.
    Object.assign(house.env, { PATH: `${bin}:${house.env['PATH']}` });
    delete house.env['TEND_DATA_DIR'];
  });
  afterEach(() => house.leave());

  const type = (block: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn('bash', ['--norc', '-eu', '-c', block], { env: house.env, cwd: house.base });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
      child.stdin.end();
      child.on('close', (code) => (code === 0 ? resolve(said) : reject(new Error(`ended with ${code}: ${said}`))));
    });

  test('the first round of the README: init, up, a goal, a worker that asks, an answer, a deliverable, spend, down', async () => {
    const ask = 'reply=$("$TEND_BIN" ask tea --prompt "Which tea?") && echo "$reply" >"$TEND_REPORTS_DIR/tea.md"';
    house.model.decide({ action: 'start_worker', id: 'tea', prompt: 'Ask which tea, write it to reports/tea.md.' });
    house.model.work(
      'tea',
      agent === 'codex'
        ? { tool: { name: 'exec_command', input: { cmd: ask, yield_time_ms: 30_000 } } }
        : { shell: ask },
      { text: 'It is written down.' },
    );
    const [begin, answer, end] = BLOCKS;
    expect(await type(begin!.replace('--runner claude', `--runner ${agent}`))).toContain('Which tea?');
    expect(await type(answer!)).toContain('tea-1');
    const report = join(house.base, 'home/.local/state/tend/reports/tea.md');
    await until('the deliverable', () => type(`cat '${report}'`).catch(() => ''));
    await until('it has ended', async () => /^tea .* exit 0 /m.test(await type('tend worker list --all')));
    const said = await type(end!);
    expect(said).toMatch(/^green$/m);
    expect(said).toMatch(/^tea .* exit 0 /m);
    expect(said).toContain('start-worker tea');
    expect(said).toMatch(/\$\d/);
    expect(living(house)).toEqual([]);
  });
});
