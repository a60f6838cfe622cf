/** A process that senses one profile whenever it gets a line, and prints how long that took in milliseconds. */
import { createInterface } from 'node:readline';
import { childEnv } from '../../src/host/children-env.js';
import { nonce } from '../../src/lib/hash.js';
import { KNOBS } from '../../src/model/knobs.js';
import { runSensors } from '../../src/sense/sensors.js';
import { localDisk } from '../../src/store/local-disk.js';

const dataDir = process.argv[2]!;
const env = { ...process.env };
const profile = { dataDir, configPath: `${dataDir}/config.json`, isDefault: false };
const deps = {
  disk: localDisk(dataDir),
  knobs: {
    sensorJobs: KNOBS.sensorJobs.default,
    sensorTimeoutS: KNOBS.sensorTimeoutS.default,
    sensorMaxBytes: KNOBS.sensorMaxBytes.default,
  },
  sensorEnv: (name: string) =>
    childEnv(env, profile, process.execPath, {
      sessionId: 'sensor',
      mark: nonce(),
      extra: { TEND_SENSOR: name },
    }),
};

for await (const _line of createInterface({ input: process.stdin })) {
  const from = performance.now();
  const { facts, problems } = await runSensors(deps, Date.now());
  const ms = performance.now() - from;
  const failed = facts.filter((fact) => fact.failed).length + problems.length;
  process.stdout.write(`${JSON.stringify({ ms, facts: facts.length, failed })}\n`);
}
