/** An export that is made while others write: whatever is in it has what it rests on in it. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectExport, type ExportReport } from '../../src/ops/export/collect.js';
import { localDisk } from '../../src/store/local-disk.js';

/** Raises, answers, consumes and archives asks for as long as it lives. */
const WRITER = `
import { answerKey, archivePair, askKey, consumeAnswer, raiseAsk, recordAnswer } from ${JSON.stringify(new URL('../../src/store/asks.ts', import.meta.url).pathname)};
import { localDisk } from ${JSON.stringify(new URL('../../src/store/local-disk.ts', import.meta.url).pathname)};
const disk = localDisk(process.argv[1]);
for (let n = 1; ; n++) {
  const ask = raiseAsk(disk, { worker: 'w' + (n % 7), kind: 'question', urgency: 'normal', prompt: 'p' }, n);
  recordAnswer(disk, { id: ask.id, outcome: 'answered', answer: 'a', by: 'x', channel: 'cli' }, n);
  consumeAnswer(disk, ask.id, 'x', n);
  archivePair(disk, ask.id);
  if (n === 1) process.stdout.write('ready');
}
`;

test('asks, answers and their ends agree in every export of a mailbox that moves', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tend-used-'));
  const root = join(dir, 'data');
  // What is there already takes a while to read: time for the writer.
  for (const place of ['asks/archive', 'answers/archive', 'consumed']) {
    mkdirSync(join(root, place), { recursive: true });
    for (let n = 1; n <= 500; n++)
      writeFileSync(join(root, place, `old-${n}.${place === 'consumed' ? 'json' : 'md'}`), 'x\n');
  }
  const writer = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', WRITER, root],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    const moved = new Set<string>();
    for (let round = 0; round < 10 || (moved.size <= 5 && round < 100); round++) {
      const report: ExportReport = { files: 0, bytes: 0, left: [] };
      const files = [
        ...collectExport(
          { disk: localDisk(root), configPath: join(dir, 'no-config.json'), env: {}, version: '0', now: 0 },
          report,
        ),
      ];
      const names = files.map(({ name }) => name);
      const has = new Set(names);
      expect(has.size).toBe(names.length);
      expect(report.left).toEqual([]);
      const asked = (id: string) => [`asks/${id}.md`, `asks/archive/${id}.md`].filter((name) => has.has(name)).length;
      const answered = (id: string) =>
        [`answers/${id}.md`, `answers/archive/${id}.md`].filter((name) => has.has(name)).length;
      const torn = names.filter((name) => {
        const consumed = /^consumed\/(.+)\.json$/.exec(name)?.[1];
        const answer = /^answers\/(?:archive\/)?(.+)\.md$/.exec(name)?.[1];
        if (/^asks\/archive\/w/.test(name)) moved.add(name);
        return (consumed && answered(consumed) !== 1) || (answer && asked(answer) !== 1);
      });
      expect(torn, `round ${round}`).toEqual([]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // It would prove nothing if nothing had moved meanwhile.
    expect(moved.size).toBeGreaterThan(5);
  } finally {
    writer.kill('SIGKILL');
    await new Promise((resolve) => writer.once('close', resolve));
    rmSync(dir, { recursive: true, force: true });
  }
});
