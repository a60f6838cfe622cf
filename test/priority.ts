/**
 * Files that only compute give way to those that wait for processes: a real pulse that must show itself within seconds is not
 * slowed by twenty thousand simulated ones. Each file has a process of its own, so the next one is not slowed either.
 */
import { constants, setPriority } from 'node:os';
import { expect } from 'vitest';

const COMPUTES = /\/simulation[^/]*\/|\.prop\.test\.ts$/;

if (COMPUTES.test(expect.getState().testPath ?? '')) setPriority(constants.priority.PRIORITY_LOW);
