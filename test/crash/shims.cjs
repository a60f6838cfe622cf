/**
 * Loaded before the built program (`NODE_OPTIONS=--require`), as a machine that lacks something, named in `SHIM`:
 * `no-links`: its file system has no hard links; `no-descriptors`: none is left in the moment in which a child is started.
 */
const fs = require('node:fs');
const childProcess = require('node:child_process');
const { syncBuiltinESMExports } = require('node:module');

if (process.env.SHIM === 'no-links')
  fs.linkSync = () => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM', syscall: 'link' });
  };

if (process.env.SHIM === 'no-descriptors') {
  const { spawn } = childProcess;
  childProcess.spawn = (...args) => {
    const taken = [];
    try {
      for (;;) taken.push(fs.openSync('/dev/null', 'r'));
    } catch {
      // The table is full: that is what is wanted.
    }
    try {
      return spawn(...args);
    } finally {
      for (const fd of taken) fs.closeSync(fd);
    }
  };
}
syncBuiltinESMExports();
