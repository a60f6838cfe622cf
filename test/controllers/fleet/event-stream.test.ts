/** A worker whose CLI prints events: people are shown lines, and every byte of the events is kept. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replayScreen } from '../../../src/host/terminal.js';
import { plainScreen } from '../../../src/lib/screen.js';
import { makeRig, type Rig } from './rig.js';

const STREAM = new URL('../../fakes/runners/streams/codex-shell.jsonl', import.meta.url).pathname;

let rig: Rig;
beforeEach(() => {
  rig = makeRig('');
});
afterEach(() => rig.close());

/** A codex that does what `script` says. */
async function runs(script: string): Promise<void> {
  const program = join(dirname(rig.dir), 'codex');
  writeFileSync(program, `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  await rig.start({ id: 'w', command: `'${program}' exec --json - <{{prompt_file}}` });
  await rig.until('it has ended', () => rig.status('w')?.state === 'exited');
}
const kept = (name: string): string => readFileSync(join(rig.dir, 'workers/w', name), 'utf8');

test('its lines are on the screen, its bytes in the stream, its tokens in its account', async () => {
  await runs(`echo 'Reading the prompt' >&2; cat '${STREAM}'; printf '{"type":"turn.st'`);
  const screen = plainScreen(await replayScreen(kept('transcript.log'), 80, 24), true);
  expect(screen.split('\n')).toEqual([
    'Reading the prompt',
    '· Model metadata for `fake-model` not found. Defaulting to fallback metadata; th',
    'is can degrade performance and cause issues.',
    '● I will run a command.',
    '$ echo tool-ran-$((6*7)); pwd',
    '  tool-ran-42',
    '  /home/me/project',
    '● The command printed tool-ran-42. DONE',
    '· 200 tokens in, 40 out',
    '{"type":"turn.st',
  ]);
  const raw = `Reading the prompt\n${readFileSync(STREAM, 'utf8')}`.replaceAll('\n', '\r\n');
  expect(kept('stream.jsonl')).toBe(`${raw}{"type":"turn.st`);
  expect(JSON.parse(kept('usage.json'))).toMatchObject({ tokens: 240, usd: expect.any(Number) });
});

test('tokens of known shapes are in neither file', async () => {
  const secret = `ghp_${'a1B2'.repeat(9)}`;
  const item = { id: 'i', type: 'agent_message', text: `it is ${secret}` };
  await runs(`echo '${JSON.stringify({ type: 'item.completed', item })}'`);
  for (const name of ['transcript.log', 'stream.jsonl']) {
    expect(kept(name)).toContain('it is ***');
    expect(kept(name)).not.toContain(secret);
  }
});

test('the next worker of that id begins both anew, and the earlier ones stand beside them', async () => {
  await runs(`echo '{"type":"turn.failed","error":{"message":"first"}}'`);
  await runs('echo second');
  expect([kept('transcript.log'), kept('stream.jsonl')]).toEqual(['second\r\n', 'second\r\n']);
  expect(kept('transcript.previous.log')).toBe('! first\r\n');
  expect(kept('stream.previous.jsonl')).toContain('"first"');
});
