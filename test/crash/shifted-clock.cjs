/**
 * Preloaded into every Node process of a house (NODE_OPTIONS): the wall clock as it would be after somebody set it. The file
 * named by $TEND_TEST_CLOCK holds how far it is off, in milliseconds. What such a machine's kernel would do is done as well: a
 * file that is written bears the shifted time. Clocks that only go forward are left alone, as they are by `date -s`.
 */
'use strict';
const fs = require('node:fs');

const { closeSync, futimesSync, openSync, readFileSync } = fs;
const Real = Date;
const realNow = Real.now.bind(Real);

function shift() {
  try {
    return Number(readFileSync(process.env.TEND_TEST_CLOCK, 'utf8'));
  } catch {
    return 0;
  }
}

class Shifted extends Real {
  constructor(...args) {
    if (args.length === 0) super(Shifted.now());
    else super(...args);
  }
  static now() {
    return realNow() + shift();
  }
}
globalThis.Date = Shifted;

const written = new Set();
const isWriting = (flags) => (typeof flags === 'string' ? /[wax+]/.test(flags) : (flags & 3) !== 0);

fs.openSync = (path, flags = 'r', ...more) => {
  const fd = openSync(path, flags, ...more);
  if (isWriting(flags) && !String(path).startsWith('/proc/')) {
    written.add(fd);
    if (/[wx]/.test(String(flags))) stamp(fd);
  }
  return fd;
};
fs.closeSync = (fd) => {
  if (written.delete(fd)) stamp(fd);
  closeSync(fd);
};
function stamp(fd) {
  const by = shift();
  if (by === 0) return;
  const at = (realNow() + by) / 1000;
  try {
    futimesSync(fd, at, at);
  } catch {
    // Another user's file, or no file at all.
  }
}
require('node:module').syncBuiltinESMExports();
