/** Real shells, real scripts, real ids. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { completionScript } from '../../../src/clients/cli/completion/script.js';
import { visibleVerbs } from '../../../src/clients/cli/manual.js';
import { VERBS } from '../../../src/verbs.js';
import { SAMPLE } from './sample-verbs.js';
import { makeHome, runIn } from './tend-process.js';

const home = makeHome();
const has = (shell: string): boolean => {
  const there = spawnSync(shell, ['-c', 'exit 0']).status === 0;
  if (!there) console.warn(`SKIPPED: no ${shell} on this machine, its completion is not tried`);
  return there;
};

beforeAll(async () => {
  const verbs = await visibleVerbs(SAMPLE);
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(home.dir, `completion.${shell}`), completionScript(shell, verbs));
  const real = await visibleVerbs(VERBS);
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(home.dir, `real.${shell}`), completionScript(shell, real));
  mkdirSync(join(home.data, 'goals'), { recursive: true });
  for (const id of ['docs', 'deploy', 'api']) writeFileSync(join(home.data, 'goals', `${id}.md`), 'x');
  mkdirSync(join(home.dir, 'here'));
  writeFileSync(join(home.dir, 'plan one.txt'), 'x');
});
afterAll(home.remove);

/** What is offered when Tab is pressed behind `line`, by the script of the sample or by that of the real verbs. */
type Offer = (line: string, script?: 'completion' | 'real') => Promise<string[]>;

const rows: [string, string, string[]][] = [
  ['verbs', 'tend ', ['claim', 'goal', 'note', 'run', 'worker']],
  ['verbs by their start', 'tend g', ['goal']],
  ['verbs behind the underscore', 'tend _ cl', ['claim']],
  ['verbs as topics of help', 'tend help wor', ['worker']],
  ['words below a verb', 'tend goal ', ['archive', 'write']],
  ['live ids', 'tend goal write d', ['deploy', 'docs']],
  ['live ids behind a flag and its value', 'tend goal write --journal x d', ['deploy', 'docs']],
  ['no ids where the body begins', 'tend goal write docs d', []],
  ['flags', 'tend goal write --f', ['--force']],
  ['choices of a flag', 'tend worker list --state ', ['dead', 'live']],
  ['choices of a word', 'tend run t', ['there']],
  ['no flags of ours within a command', 'tend run here plan --re', []],
  ['no flags behind --', 'tend goal write -- --f', []],
];

const shells: [string, Offer][] = [
  [
    'bash',
    async (line, from = 'completion') => {
      const words = line.split(' ');
      const script = `. ./${from}.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tend; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return offered((await runIn(home, ['bash', '-c', script, 'bash', ...words])).stdout);
    },
  ],
  [
    'fish',
    async (line, from = 'completion') =>
      offered((await runIn(home, ['fish', '--no-config', '-c', `source ${from}.fish; complete -C '${line}'`])).stdout),
  ],
  ['zsh', zsh],
];

const offered = (stdout: string): string[] =>
  stdout
    .split('\n')
    .map((row) => row.split('\t')[0]!.trim())
    .filter((word) => word !== '')
    .sort();

/** zsh completes only in its line editor, so it gets a terminal of its own and compadd tells what it was given. */
async function zsh(line: string, from = 'completion'): Promise<string[]> {
  const inner = `
    PS1='' ; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -d ${home.dir}/zcompdump
    source ./${from}.zsh
    zstyle ':completion:*' verbose no
    compadd() {
      local -a out; builtin compadd -O out "$@"
      (( $#out )) && print -rl -- $out >> ${home.dir}/zsh.out
      builtin compadd "$@"
    }
    finish() { zle complete-word; print done >> ${home.dir}/zsh.out; exit }
    zle -N finish; bindkey '^T' finish; print ready >> ${home.dir}/zsh.ready`;
  writeFileSync(join(home.dir, 'inner.zsh'), inner);
  const outer = `
    zmodload zsh/zpty; rm -f zsh.out zsh.ready; zpty -b tend zsh -f -i
    zpty -w tend 'source ./inner.zsh'
    until [[ -s zsh.ready ]]; do sleep 0.05; zpty -rt tend junk; done
    zpty -n -w tend $'${line}\\x14'
    until grep -qs '^done' zsh.out; do sleep 0.05; zpty -rt tend junk; done
    cat zsh.out; zpty -d tend`;
  const ended = await runIn(home, ['zsh', '-f', '-c', outer]);
  return [...new Set(offered(ended.stdout))].filter((word) => word !== 'done');
}

describe.each(shells)('%s', (shell, offer) => {
  const there = has(shell);
  test.skipIf(!there).each(rows)('%s', async (_, line, wanted) => {
    expect(await offer(line)).toEqual(wanted);
  });

  test.skipIf(!there)('the real verbs, and files behind them', async () => {
    expect(await offer('tend service ', 'real')).toEqual(['install', 'status', 'uninstall']);
    expect(await offer('tend import looop he', 'real')).toEqual([expect.stringMatching(/^here\/?$/)]);
  });

  test.skipIf(!there)('a file whose name is no id is not offered, and nothing of it is run', async () => {
    const odd = join(home.data, 'goals', '$(touch pwned)`touch pwned`.md');
    writeFileSync(odd, 'x');
    expect(await offer('tend goal write ')).toEqual(['api', 'deploy', 'docs']);
    expect(existsSync(join(home.dir, 'pwned'))).toBe(false);
    rmSync(odd);
  });

  test.skipIf(!there)('files, also with a space in the name', async () => {
    const names = (await offer('tend worker list --from pl')).map((name) => name.replaceAll('\\', ''));
    // zsh offers it once as it is and once quoted.
    expect([...new Set(names)]).toEqual(['plan one.txt']);
  });
});

test.skipIf(!has('bash'))('bash: a value behind =, which it makes a word of its own', async () => {
  const script = `. ./completion.bash; COMP_WORDS=(tend worker list --state = l); COMP_CWORD=5; _tend; printf '%s\\n' "\${COMPREPLY[@]}"`;
  expect(offered((await runIn(home, ['bash', '-c', script])).stdout)).toEqual(['live']);
});

test.skipIf(!has('fish'))('fish: a value behind =', async () => {
  const ended = await runIn(home, [
    'fish',
    '--no-config',
    '-c',
    "source completion.fish; complete -C 'tend worker list --state=l'",
  ]);
  expect(offered(ended.stdout)).toEqual(['--state=live']);
});
