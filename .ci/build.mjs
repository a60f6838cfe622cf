/**
 * src/ → dist/. `main.js` is a few lines of CommonJS that pick by the first word: a verb that scripts and workers call all day
 * is one file of its own with all it needs (`dist/hot/`), because Node starts one CommonJS file faster than an ES module and its
 * chunks; everything else is one program of lazily loaded chunks (`dist/all/`). Both are built from the same sources, and a
 * process runs exactly one of them. The new build takes the old one's place when it is whole.
 */
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { build } from 'esbuild';

const OLD = '.dist-old';
const OUT = '.dist-new';
/** First words of the verbs that get a file of their own; every verb below such a word is in it. */
const HOT = ['answer', 'ask', 'asks', 'claim', 'down', 'runs', 'send', 'state', 'status', 'told', 'unclaim', 'wait'];
/**
 * Modules that a hot verb seldom reaches and that take values and give values. They stay chunks of dist/all: a class or a state
 * that lived in both would be two.
 */
const SELDOM = [
  'src/clients/cli/confirm.ts',
  'src/clients/cli/help.ts',
  'src/clients/cli/init-wizard.ts',
  'src/clients/cli/man.ts',
  'src/clients/cli/manual.ts',
  'src/clients/cli/split-line.ts',
  'src/clients/cli/completion/script.ts',
  'src/lib/yaml-front-matter.ts',
  'src/model/ask-schema.ts',
];

const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // A native package with files of its own beside it; and what Ink loads only where DEV is set.
  external: ['@lydell/node-pty', 'react-devtools-core'],
  // React's own build for use, which is smaller and does not time itself.
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
};

/** The lines of contract/registry.ts whose verbs begin with `word`, as a registry of their own. */
function registryOf(word, registry) {
  const lines = [...registry.matchAll(/^ {2}'?([a-z_ ]+)'?: \(\) => import\('(\.\/verbs\/[a-z-]+\.js)'\),$/gm)]
    .filter(([, key]) => key === word || key.startsWith(`${word} `))
    .map(([, key, path]) => `'${key}': () => import('./contract/${path.slice(2)}')`);
  if (lines.length === 0) throw new Error(`no verb of src/contract/registry.ts begins with "${word}"`);
  return `{ ${lines.join(', ')} }`;
}

const seldomStaysApart = {
  name: 'seldom-stays-apart',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^\./ }, async ({ kind, path, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'seen') return undefined;
      const { path: file } = await resolve(path, { kind, resolveDir, pluginData: 'seen' });
      const source = relative('.', file);
      return SELDOM.includes(source) ? { path: `../all/${chunkName(source)}.mjs`, external: true } : undefined;
    });
  },
};
/**
 * Ink's layout engine is WebAssembly in a data URL, and `fetch` would read it: a client of HTTP with all its modules, a tenth of
 * what a screen takes to start. Without it the same bytes are decoded at once.
 */
const yogaWithoutFetch = {
  name: 'yoga-without-fetch',
  setup({ onLoad }) {
    onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replaceAll('"function"!=typeof fetch', 'true');
      if (contents === text)
        throw new Error(`${path} is loaded in another way than it was; look how, and mend .ci/build.mjs`);
      return { contents };
    });
  },
};
const chunkName = (source) => source.replace(/^src\/(.*)\.ts$/, '$1').replaceAll('/', '-');

const hot = (word, registry) =>
  build({
    ...COMMON,
    stdin: {
      contents: `import { become, commandLine } from './command-line.js';\nbecome(commandLine(${registryOf(word, registry)}));`,
      resolveDir: 'src',
      sourcefile: `hot-${word}.ts`,
    },
    format: 'cjs',
    outfile: `${OUT}/hot/${word}.js`,
    define: { ...COMMON.define, 'import.meta': 'importMeta' },
    banner: { js: "const importMeta = { get url() { return require('node:url').pathToFileURL(__filename).href; } };" },
    plugins: [seldomStaysApart],
  });

const all = () =>
  build({
    ...COMMON,
    entryPoints: { main: 'src/main.ts', ...Object.fromEntries(SELDOM.map((source) => [chunkName(source), source])) },
    format: 'esm',
    splitting: true,
    outdir: `${OUT}/all`,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    // Half the text is read in half the time; names stay, for the stacks of bugs.
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [yogaWithoutFetch],
    banner: { js: "import { createRequire as $r } from 'node:module'; const require = $r(import.meta.url);" },
  });

// Node 22.8 and later keep the compiled code of what is loaded after the call.
const LAUNCHER = `#!/usr/bin/env node
require('node:module').enableCompileCache?.();
const word = process.argv[2] === '_' ? process.argv[3] : process.argv[2];
if (${JSON.stringify(HOT)}.includes(word)) require('./hot/' + word + '.js');
else import('./all/main.mjs');
`;

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT);
const registry = await readFile('src/contract/registry.ts', 'utf8');
await Promise.all([all(), ...HOT.map((word) => hot(word, registry))]);
await writeFile(`${OUT}/package.json`, '{ "type": "commonjs" }\n');
await writeFile(`${OUT}/main.js`, LAUNCHER);
await chmod(`${OUT}/main.js`, 0o755);
// Two renames: whoever starts the program in the meantime finds the old build or the new one, hardly ever none.
await rm(OLD, { recursive: true, force: true });
await rename('dist', OLD).catch((error) => {
  if (error.code !== 'ENOENT') throw error;
});
await rename(OUT, 'dist');
await rm(OLD, { recursive: true, force: true });
