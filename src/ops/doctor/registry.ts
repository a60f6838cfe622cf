/** Every check of `tend doctor`, in the order of its report. A new one is a constant in checks/ and a line here. */
import type { Check } from './check.js';
import { completionCheck, notifyCheck, serviceCheck } from './checks/comfort.js';
import { configCheck } from './checks/config.js';
import { dataDirCheck, diskCheck } from './checks/data-dir.js';
import { budgetCheck, gateCheck, sensorsCheck } from './checks/loop.js';
import { clockCheck, socketsCheck, watchesCheck } from './checks/machine.js';
import { nodeCheck } from './checks/node.js';
import { programsCheck } from './checks/programs.js';
import { pulseCheck, workersCheck } from './checks/pulse.js';
import { quarantineCheck, recordsCheck } from './checks/records.js';
import { firstRunCheck, keysCheck, runnerCheck } from './checks/runner.js';
import { accountsCheck, goalKeyCheck, loopRunsCheck, loopsCheck, orphansCheck, tzCheck } from './checks/timed.js';

export const CHECKS: readonly Check[] = [
  nodeCheck,
  programsCheck,
  clockCheck,
  dataDirCheck,
  diskCheck,
  socketsCheck,
  watchesCheck,
  configCheck,
  runnerCheck,
  firstRunCheck,
  keysCheck,
  gateCheck,
  budgetCheck,
  pulseCheck,
  workersCheck,
  sensorsCheck,
  loopsCheck,
  loopRunsCheck,
  orphansCheck,
  accountsCheck,
  goalKeyCheck,
  tzCheck,
  recordsCheck,
  quarantineCheck,
  serviceCheck,
  completionCheck,
  notifyCheck,
];
