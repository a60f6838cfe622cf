import { basename, dirname, resolve } from 'node:path';
import { childEnv } from '../../host/children-env.js';
import { nonce } from '../../lib/hash.js';
import { badInput, refused, TendError } from '../../model/error.js';
import { requireId } from '../../model/id.js';
import { resolveKnobs } from '../../model/knobs.js';
import { withoutProviderKeys } from '../../ops/child-keys.js';
import { factOf } from '../../sense/reading.js';
import { runSensor } from '../../sense/run-sensor.js';
import { readScript, type SensorScript } from '../../sense/sensor-script.js';
import { loadConfig } from '../../store/config.js';
import { localDisk } from '../../store/local-disk.js';
import { sensorKey } from '../../store/policy.js';
import type { Context, Verb } from '../verb.js';
import { renderTrial, type SensorTrial } from '../views/sensors.js';

/** Runs a sensor once, exactly as the pulse would (environment, cwd, deadline, cap), and keeps nothing of it. */
export const verb: Verb = {
  path: ['sensor', 'test'],
  group: 'steer',
  about: 'Run one sensor as the pulse would, show its reading, and keep nothing',
  details:
    'A name is looked for in the sensors of the profile; what contains a "/" or ends in ".sh" is a file, so that a sensor can be tried before it is installed.',
  args: [{ name: 'sensor', about: 'name of a sensor, or path of a script', required: true, complete: 'sensors' }],
  rest: { kind: 'none' },
  flags: {
    json: { type: 'boolean', about: 'print {name, ok, signal, detail, duration_ms, bytes, problems}' },
  },
  examples: [
    { line: 'tend sensor test today', about: 'an installed one' },
    { line: 'tend sensor test ./my-repo.sh', about: 'a file, before it is installed' },
  ],
  exits: { 1: 'the sensor failed: its reading is an error' },
  async run({ args }, context) {
    const { name, script } = findScript(args['sensor'] ?? '', context);
    if (context.disk.stat('').state === 'absent')
      throw refused(
        'not-initialised',
        `Cannot test a sensor: there is no data dir "${context.disk.root}"`,
        'tend init',
      );
    const { config, raw } = loadConfig(context.profile.configPath);
    const { knobs, warnings } = resolveKnobs(context.env, raw);
    for (const warning of warnings) context.warn(warning);
    const mark = nonce();
    const run = await runSensor(script, {
      cwd: context.disk.root,
      knobs,
      env: childEnv(withoutProviderKeys(context.env, config.pass_keys), context.profile, context.bin, {
        sessionId: 'sensor',
        mark,
      }),
      signal: context.signal,
    });
    if (run.aborted) throw new TendError('aborted', `The test of sensor "${name}" was stopped`, { code: 'aborted' });
    const fact = factOf(name, run.reading, script.headers.keepsApprovals);
    const trial: SensorTrial = {
      name,
      ok: fact.failed !== true,
      signal: fact.signal,
      detail: fact.detail ?? null,
      duration_ms: run.durationMs,
      bytes: run.bytes,
      problems: script.headers.problems,
    };
    return { text: renderTrial(trial), json: trial, ...(trial.ok ? {} : { exit: 1 }) };
  },
};

function findScript(given: string, context: Context): { name: string; script: SensorScript } {
  const isPath = given.includes('/') || given.endsWith('.sh');
  if (!isPath) {
    const key = sensorKey(requireId('sensor', given));
    if (context.disk.stat(key).state === 'absent')
      throw badInput(`Cannot test sensor "${given}": there is no such sensor`, 'tend sensor list');
    return { name: given, script: readScript(context.disk, key) };
  }
  const path = resolve(given);
  const folder = localDisk(dirname(path));
  if (folder.stat(basename(path)).state === 'absent')
    throw badInput(`Cannot test sensor "${given}": there is no file "${path}"`, 'tend sensor list');
  return { name: basename(path).replace(/\.sh$/, ''), script: readScript(folder, basename(path)) };
}
