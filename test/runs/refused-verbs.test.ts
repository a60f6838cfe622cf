/** What a target of a loop may have tend do, with the built program. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHouse } from '../e2e/house.js';

test('commands and agents of loops are refused the verbs of their human, also without the variables that name them', async () => {
  const house = openHouse();
  try {
    const bin = join(house.base, 'home/.local/bin');
    mkdirSync(bin, { recursive: true });
    const tries = `for drop in "" "-u TEND_SESSION_ID -u TEND_MARK"; do env $drop ${process.execPath} "$TEND_BIN" loops pause agent; echo "code $?"; done`;
    writeFileSync(join(bin, 'claude'), `#!/bin/sh\ncat >/dev/null\n(${tries}) 2>&1\n`);
    chmodSync(join(bin, 'claude'), 0o755);
    await house.tend([
      'loops',
      'create',
      'agent',
      'agent',
      '--provider',
      'claude',
      '--prompt',
      'do it',
      '--every',
      '1h',
    ]);
    await house.tend(['loops', 'create', 'command', 'command', '--cmd', `(${tries}) 2>&1`, '--every', '1h']);
    const env = { PATH: '/usr/bin:/bin' };
    for (const name of ['agent', 'command']) {
      const { stdout } = await house.tend(['loops', 'run-now', name, '--show-output'], { env });
      expect(stdout.match(/only a human may use it/g), stdout).toHaveLength(2);
      expect(stdout).not.toContain('code 0');
    }
    expect((await house.tend(['loops', 'list', '--json'])).stdout).not.toContain('"paused"');
  } finally {
    await house.close();
  }
});
