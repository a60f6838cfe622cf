/**
 * The import law of src/, bottom room first. A room may import itself and the rooms it lists; all else is denied.
 * Change this table only together with src/README.md.
 */
export const ROOMS: Record<string, readonly string[]> = {
  lib: [],
  model: ['lib'],
  policy: ['model', 'lib'],
  compiler: ['model', 'lib'],
  store: ['model', 'lib'],
  host: ['model', 'lib'],
  runners: ['host', 'model', 'lib'],
  kernel: ['host', 'store', 'model', 'lib'],
  sense: ['host', 'store', 'model', 'lib'],
  decide: ['runners', 'store', 'policy', 'model', 'lib'],
  act: ['host', 'store', 'policy', 'model', 'lib'],
  runs: ['runners', 'host', 'store', 'policy', 'model', 'lib'],
  controllers: ['act', 'decide', 'sense', 'kernel', 'runs', 'runners', 'host', 'store', 'policy', 'model', 'lib'],
  ops: ['runners', 'host', 'store', 'model', 'lib'],
  contract: ['ops', 'act', 'runs', 'sense', 'host', 'store', 'compiler', 'policy', 'model', 'lib'],
  clients: ['contract', 'model', 'lib'],
};

/** Rooms whose subfolders never import one another: they meet through files, or not at all. */
export const SIBLINGS: readonly string[] = ['controllers', 'clients'];

/**
 * Builtins and packages, each with the rooms that may touch it. main.ts and daemon.ts are wiring and exempt.
 * host/ may use node:fs for what is the machine's and not the data dir's: /proc, the runtime dir of sockets, descriptors of children.
 */
export const OWNERS: Record<string, readonly string[]> = {
  'node:fs': ['store', 'host'],
  'node:fs/promises': ['store', 'host'],
  'node:child_process': ['host'],
  'node:os': ['host'],
  'node:net': ['host'],
  '@lydell/node-pty': ['host'],
  'gray-matter': ['lib'],
  croner: ['lib'],
  ai: ['runs'],
  '@openrouter/ai-sdk-provider': ['runs'],
  'js-yaml': ['lib'],
  ink: ['clients'],
  react: ['clients'],
  hono: ['clients'],
  ws: ['clients'],
  '@modelcontextprotocol/sdk': ['clients'],
  marked: ['clients'],
  yargs: ['clients'],
  'yargs-parser': ['clients'],
  '@clack/prompts': ['clients'],
};

export const MAX_LINES = 300;
/** Files allowed past MAX_LINES, with the reason. This list may only shrink. */
export const LONG_FILES: Record<string, string> = {};
/** Names that say what kind of thing a file holds instead of what it is about. */
export const BANNED_NAMES = /(^|\/)(index|types|utils?|helpers?|common|misc|shared)\.tsx?$/;
