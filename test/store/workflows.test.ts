import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import {
  archiveWorkflow,
  createWorkflow,
  findWorkflow,
  newWorkflow,
  readWorkflows,
} from '../../src/store/workflows.js';

let base: string;
let disk: Disk;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tend-'));
  disk = localDisk(join(base, 'data'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const draft = (name: string) => ({ name, version: 1, maxParallel: 1, steps: [] });
const create = (name: string, on: Disk = disk) => {
  const workflow = newWorkflow(draft(name), Date.now());
  createWorkflow(on, workflow);
  return workflow.id;
};
const active = (name: string) => readWorkflows(disk).workflows.filter((w) => w.name === name && w.status === 'active');

test('a name has one active workflow; archived, it is free again, and the newest archived one answers to it', () => {
  const first = create('w');
  expect(() => create('w')).toThrow(first);
  expect(active('w')).toHaveLength(1);
  archiveWorkflow(disk, first, Date.now());
  expect(findWorkflow(disk, 'w', 'read', 'show').id).toBe(first);
  const second = create('w');
  expect(findWorkflow(disk, 'w', 'change', 'archive').id).toBe(second);
  archiveWorkflow(disk, second, Date.now() + 1);
  expect(() => findWorkflow(disk, 'w', 'change', 'archive')).toThrow(`${first}, ${second}`);
  expect(findWorkflow(disk, first, 'change', 'archive').id).toBe(first);
});

test('whoever dies while creating leaves a name that another can have, with one active workflow', () => {
  for (let n = 1; n < 5; n++) {
    let count = 0;
    const dying: Disk = {
      ...disk,
      publish: (key, text) => {
        if (++count >= n) throw new Error('killed');
        return disk.publish(key, text);
      },
    };
    try {
      create(`w${n}`, dying);
    } catch {
      expect(count).toBe(n);
    }
    if (count < n) break;
    create(`w${n}`);
    expect(findWorkflow(disk, `w${n}`, 'change', 'run').status).toBe('active');
    expect(active(`w${n}`)).toHaveLength(1);
  }
});
