import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunnerName } from '../../src/model/config.js';
import { TendError } from '../../src/model/error.js';
import { applyInit, currentRunner, initChoices, loadForInit, planInit } from '../../src/ops/init.js';
import { PRESETS } from '../../src/ops/presets.js';
import { loadConfig } from '../../src/store/config.js';
import { localDisk } from '../../src/store/local-disk.js';

const SEEDS = new URL('../../seeds', import.meta.url).pathname;
let root: string;
let path: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-init-'));
  path = join(root, 'config', 'config.json');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function config(raw: object | string): void {
  mkdirSync(join(root, 'config'), { recursive: true });
  writeFileSync(path, typeof raw === 'string' ? raw : JSON.stringify(raw));
}
const plan = (request: object, found: string[] = []) => planInit(loadForInit(path), request, found);
const saved = (): Record<string, unknown> => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
function refusal(request: object, found: string[] = []): TendError {
  try {
    plan(request, found);
  } catch (error) {
    return error as TendError;
  }
  throw new Error('it was not refused');
}
const apply = (request: object) =>
  applyInit({ disk: localDisk(join(root, 'data')), seeds: SEEDS, configPath: path, plan: plan(request) }, 0);

describe('which runner', () => {
  test('nothing named and nothing configured is refused with what was found on PATH', () => {
    const error = refusal({}, ['codex']);
    expect(error.exit).toBe(2);
    expect(error.message).toContain('on PATH: codex');
    expect(error.hint).toContain('tend init --runner codex --yes');
    expect(refusal({}).message).toContain('no agent CLI');
  });

  test('a tick command alone means custom', () => {
    expect(plan({ tickCommand: 'decide' })).toMatchObject({ runner: 'custom', tick: 'decide' });
  });

  test('an existing config keeps its runner and its own commands', () => {
    config({ tick_command: 'my-brain', worker_command: 'my-hand {{prompt_file}}' });
    expect(plan({})).toMatchObject({ runner: 'custom', tick: 'my-brain', worker: 'my-hand {{prompt_file}}' });
  });

  test.each(PRESETS.map((preset) => [preset.runner, preset] as const))(
    'the commands of %s are recognised',
    (name, preset) => {
      config({ tick_command: preset.tick, worker_command: preset.worker });
      expect(currentRunner(loadForInit(path))).toBe(name);
    },
  );

  test('embedded drops the commands that a preset brought, so that its program is not wanted any more, and keeps your own', () => {
    const preset = PRESETS[0]!;
    config({ runner: preset.runner, tick_command: preset.tick, worker_command: preset.worker, interval: 7 });
    expect(plan({ runner: 'embedded' }).raw).toEqual({ runner: 'embedded', interval: 7 });
    config({ runner: preset.runner, tick_command: preset.tick, worker_command: 'my-hand {{prompt_file}}' });
    expect(plan({ runner: 'embedded' }).raw).toMatchObject({ worker_command: 'my-hand {{prompt_file}}' });
  });

  test('legacy names of the commands are understood', () => {
    config({ tick: 'brain', interactive: 'hand {{prompt_file}}' });
    expect(plan({})).toMatchObject({ runner: 'custom', tick: 'brain', worker: 'hand {{prompt_file}}' });
  });
});

describe('commands', () => {
  test.each(PRESETS.map((preset) => preset.runner))(
    '%s brings both, with the prompt file in the worker',
    (runner: RunnerName) => {
      const made = plan({ runner });
      expect(made.tick).toBeTruthy();
      expect(made.worker).toContain('{{prompt_file}}');
    },
  );

  test('custom without a tick command is refused', () => {
    const error = refusal({ runner: 'custom' });
    expect([error.exit, error.message]).toEqual([2, expect.stringContaining('without a tick command')]);
  });

  test('a worker command without the prompt file is refused with the fix, for every runner', () => {
    for (const runner of ['custom', 'embedded', 'claude'] as const) {
      const error = refusal({ runner, tickCommand: 't', workerCommand: "it's mine" });
      expect(error.exit).toBe(2);
      expect(error.hint).toBe(`tend init --runner ${runner} --worker-command 'it'\\''s mine {{prompt_file}}' --yes`);
    }
  });

  test('embedded needs no command at all', () => {
    expect(plan({ runner: 'embedded' })).toMatchObject({ runner: 'embedded', tick: undefined, worker: undefined });
  });

  test('a change to another preset brings its commands and its model names, not those of the old one', () => {
    config({ runner: 'claude', tick_command: 'edited', worker_model: 'opus', model: 'sonnet' });
    expect(plan({ runner: 'claude' })).toMatchObject({ tick: 'edited', raw: { worker_model: 'opus' } });
    const codex = plan({ runner: 'codex' });
    expect(codex.tick).toBe(PRESETS.find((preset) => preset.runner === 'codex')?.tick);
    expect(codex.raw).not.toHaveProperty('worker_model');
  });

  test('placeholders of a fresh preset have values', () => {
    for (const preset of PRESETS) {
      const { raw } = plan({ runner: preset.runner });
      if (preset.worker.includes('{{model}}')) expect(raw['worker_model']).toBeTruthy();
      if (preset.worker.includes('{{thinking}}')) expect(raw['worker_thinking']).toBeTruthy();
    }
  });
});

describe('writing', () => {
  test('keys that init does not know survive', () => {
    config({ interval: 30, gate: { allow: ['git status *'] }, mine: [1] });
    apply({ runner: 'embedded' });
    expect(saved()).toEqual({
      interval: 30,
      gate: { allow: ['git status *'] },
      mine: [1],
      runner: 'embedded',
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('a repeat writes nothing', () => {
    apply({ runner: 'embedded' });
    const before = statSync(path).mtimeMs;
    expect(plan({}).changed).toBe(false);
    expect(apply({})).toEqual([]);
    expect(statSync(path).mtimeMs).toBe(before);
  });

  test('what was written is read back', () => {
    apply({ runner: 'custom', tickCommand: ' decide ', workerCommand: 'work {{prompt_file}}' });
    expect(loadConfig(path).config).toMatchObject({
      runner: 'custom',
      tick_command: 'decide',
      worker_command: 'work {{prompt_file}}',
    });
  });

  test('a config that is no JSON is left alone, and the error says how to go on', () => {
    config('{"runner": ');
    try {
      loadForInit(path);
      throw new Error('it was accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(TendError);
      expect((error as TendError).hint).toBe(`mv ${path} ${path}.broken && tend init`);
    }
    expect(readFileSync(path, 'utf8')).toBe('{"runner": ');
  });
});

test('the choices mark what is on PATH and preselect what is configured', () => {
  config({ runner: 'pi', tick_command: 'pi --mine' });
  const choices = initChoices(loadForInit(path), '/data', {
    isFound: (program) => program === 'codex',
    unprepared: () => [],
    concierge: [],
  });
  expect(choices.current).toBe('pi');
  expect(choices.runners.filter((runner) => runner.found).map((runner) => runner.name)).toEqual([
    'codex',
    'embedded',
    'custom',
  ]);
  expect(choices.templates('pi').tick).toBe('pi --mine');
  expect(choices.templates('codex').tick).toMatch(/^codex exec/);
  expect(choices.templates('embedded')).toEqual({ tick: 'pi --mine', worker: '' });
});
