/** What a loop's target printed, in all that the built program keeps of it. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHouse } from '../e2e/house.js';

test('no file of the data dir holds a secret that a target printed or an agent failed with [loops 120]', async () => {
  const house = openHouse();
  try {
    const home = join(house.base, 'home');
    const bin = join(home, '.local/bin');
    mkdirSync(bin, { recursive: true });
    const secrets = [`sk-${'ant'}-api03-aB3x9Qz7Lk2WmR5tY8pDaB3x9Q`, 'correct horse battery', 'q7Rk2mXw9Zt4Lp8vA1'];
    const printed = `${secrets[0]}\n${secrets[1]}\n{"sessionToken":"${secrets[2]}","idempotencyKey":"q7Rk2mXw9Zt4Lp8vB2"}\n`;
    writeFileSync(join(home, 'printed'), printed);
    const claude = join(bin, 'claude');
    const line = JSON.stringify({
      type: 'result',
      is_error: true,
      result: `bad key ${secrets[0]}, token=${secrets[2]}`,
    });
    writeFileSync(claude, `#!/bin/sh\ncat >/dev/null; cat printed >&2; echo '${line}'\n`);
    chmodSync(claude, 0o755);
    const env = { OUR_TOKEN: secrets[1]!, PATH: '/usr/bin:/bin' };
    await house.tend(['loops', 'create', 'command', 'loud', '--cmd', 'cat printed; cat printed >&2', '--every', '1h']);
    await house.tend([
      'loops',
      'create',
      'agent',
      'broken',
      '--provider',
      'claude',
      '--prompt',
      'do it',
      '--every',
      '1h',
    ]);
    const loud = await house.tend(['loops', 'run-now', 'loud', '--show-output'], { env });
    const broken = await house.tend(['loops', 'run-now', 'broken', '--show-output'], { env });
    expect([loud.code, broken.code]).toEqual([0, 1]);
    expect(loud.stdout).toContain('"idempotencyKey":"q7Rk2mXw9Zt4Lp8vB2"');
    const files = readdirSync(house.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(texts.some((text) => text.includes('bad key [SCRUBBED]'))).toBe(true);
    expect(texts.some((text) => text.includes('q7Rk2mXw9Zt4Lp8vB2'))).toBe(true);
    for (const secret of secrets)
      for (const text of [...texts, loud.stdout, broken.stdout, broken.stderr]) expect(text).not.toContain(secret);
  } finally {
    await house.close();
  }
});
