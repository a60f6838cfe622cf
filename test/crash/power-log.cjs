/**
 * Loaded before the built program (`NODE_OPTIONS=--require`): writes down what a loss of power would leave of `$POWER_ROOT`, by the
 * rule of a disk that keeps nothing it was not told to keep. A file is what it was at its own last fsync, a directory has the names
 * that it had at its own last fsync. What is there at the start counts as kept. One JSON line for each fsync and each child.
 */
const fs = require('node:fs');
const childProcess = require('node:child_process');
const { syncBuiltinESMExports } = require('node:module');

const real = { ...fs };
const root = process.env.POWER_ROOT;
const log = real.openSync(process.env.POWER_LOG, 'a', 0o600);
const paths = new Map();

const inside = (path) => typeof path === 'string' && `${path}/`.startsWith(`${root}/`);
const tell = (line) => void real.writeSync(log, `${JSON.stringify(line)}\n`);
const names = (dir) =>
  real.readdirSync(dir, { withFileTypes: true }).map((entry) => {
    const { ino } = real.lstatSync(`${dir}/${entry.name}`);
    return { name: entry.name, ino, isDir: entry.isDirectory() };
  });
const keepDir = (dir) => tell({ did: 'dir', ino: real.lstatSync(dir).ino, entries: names(dir) });
const keepFile = (path) =>
  tell({ did: 'file', ino: real.lstatSync(path).ino, text: real.readFileSync(path).toString('base64') });

function keepAll(dir) {
  for (const { name, isDir } of names(dir)) {
    if (isDir) keepAll(`${dir}/${name}`);
    else if (real.lstatSync(`${dir}/${name}`).isFile()) keepFile(`${dir}/${name}`);
  }
  keepDir(dir);
}

keepAll(root);
tell({ did: 'start', ino: real.lstatSync(root).ino });

fs.openSync = (path, ...rest) => {
  const isNew = inside(path) && !real.existsSync(path);
  const fd = real.openSync(path, ...rest);
  paths.set(fd, path);
  // The number of a file that is gone may be given to another one, of which nothing is kept yet.
  if (isNew) tell({ did: 'new', ino: real.fstatSync(fd).ino });
  return fd;
};
fs.mkdirSync = (path, ...rest) => {
  const made = real.mkdirSync(path, ...rest);
  if (inside(path)) tell({ did: 'new', ino: real.lstatSync(path).ino });
  return made;
};
fs.closeSync = (fd) => {
  paths.delete(fd);
  real.closeSync(fd);
};
fs.fsyncSync = (fd) => {
  real.fsyncSync(fd);
  const path = paths.get(fd);
  if (!inside(path)) return;
  if (real.fstatSync(fd).isDirectory()) keepDir(path);
  else keepFile(path);
};
const { spawn } = childProcess;
childProcess.spawn = (...args) => {
  tell({ did: 'spawn' });
  return spawn(...args);
};
syncBuiltinESMExports();
