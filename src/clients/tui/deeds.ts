/**
 * What the screen wants done, done: through the verbs that everybody uses, never around them. Each deed ends in an event; what
 * goes wrong is said in the bottom line and takes nothing that was written with it.
 */
import { readReference } from '../../contract/screen/read-reference.js';
import type { WholeScreen } from '../../contract/screen/whole-screen.js';
import type { Context, Verb, VerbInput, VerbResult } from '../../contract/verb.js';
import { readVerdict } from '../../model/ask.js';
import { messageOf, TendError } from '../../model/error.js';
import type { Effect, Event } from './event.js';
import type { PolicyFile, Status } from './model.js';

export interface Deeds {
  do(effect: Effect): Promise<void>;
  close(): void;
}

export interface DeedsWorld {
  context: Context;
  screen: WholeScreen;
  tell(event: Event): void;
  /** Paints everything anew. */
  redraw(): void;
  quit(): void;
}

type Given = Partial<Pick<VerbInput, 'args' | 'flags' | 'body'>>;
const call = (verb: Verb, context: Context, given: Given): Promise<VerbResult> =>
  verb.run({ args: {}, flags: {}, words: [], ...given }, context);

/** An error as one line, with what to type next. */
export function said(error: unknown): string {
  const hint = error instanceof TendError && error.hint !== undefined ? `; try: ${error.hint}` : '';
  return messageOf(error) + hint;
}

export function deeds(world: DeedsWorld): Deeds {
  const { context, screen, tell } = world;
  let following: AbortController | undefined;
  const say = (text: string, tone: Status['tone']) => tell({ type: 'say', status: { text, tone } });

  const follow = (worker: string | undefined) => {
    following?.abort();
    following = undefined;
    if (worker === undefined) return;
    following = new AbortController();
    const { signal } = following;
    const onProblem = (error: unknown) => tell({ type: 'screen', worker, problem: said(error) });
    void import('../../contract/screen/worker-screen.js')
      .then(({ followScreen }) =>
        followScreen(context, worker, {
          signal,
          onScreen: (picture) => tell({ type: 'screen', worker, screen: picture }),
          onProblem,
        }),
      )
      .catch(onProblem);
  };
  const perform = async (effect: Effect): Promise<void> => {
    switch (effect.do) {
      case 'quit':
        return world.quit();
      case 'redraw':
        return world.redraw();
      case 'stop':
        return screen.stop();
      case 'follow':
        return follow(effect.worker);
      case 'answer':
        return void (await sending(effect.key, effect.text, () => answer(context, effect)));
      case 'tell':
        return void (await sending(effect.key, effect.text, () => tellWorker(context, effect)));
      case 'read-reference':
        return tell({ type: 'reference', ...readReference(context.disk, effect) });
      case 'tell-end':
        return tell({ type: 'ended', id: effect.id, text: await endOf(context, effect.id) });
      case 'edit-draft': {
        const { editOnScreen } = await import('../../contract/screen/edit-on-screen.js');
        await editOnScreen(context, screen, {
          text: effect.text,
          name: `${effect.key.replace(/^.*:/, '')}.md`,
          take: async (text) => tell({ type: 'edited', key: effect.key, text: text.replace(/\n+$/, '') }),
        });
        return world.redraw();
      }
      case 'list-policy':
        return tell({ type: 'policy', files: await policyFiles(context) });
      case 'edit-policy':
        say(await editPolicy(context, screen, effect.name), 'good');
        return world.redraw();
      case 'start-pulse': {
        const { verb } = await import('../../contract/verbs/up.js');
        return say((await call(verb, context, {})).text, 'good');
      }
      case 'attach': {
        const { verb } = await import('../../contract/verbs/attach.js');
        const { text } = await screen.lend(() => call(verb, context, { args: { id: effect.worker } }));
        say(text, 'good');
        return world.redraw();
      }
    }
  };
  const sending = async (key: string, text: string, send: () => Promise<string>): Promise<void> => {
    try {
      tell({ type: 'sent', key, text, status: { text: await send(), tone: 'good' } });
    } catch (error) {
      tell({ type: 'unsent', key, problem: said(error) });
    }
  };
  return {
    async do(effect) {
      try {
        await perform(effect);
      } catch (error) {
        say(said(error), 'bad');
        world.redraw();
      }
    },
    close: () => follow(undefined),
  };
}

/** The ask is read once more: a yes is to what was on the screen, and to nothing that stands there now. */
async function answer(context: Context, { text, shown }: Extract<Effect, { do: 'answer' }>): Promise<string> {
  const { verb: show } = await import('../../contract/verbs/ask-show.js');
  const now = (await call(show, context, { args: { ask_id: shown.id } })).json as { proposal?: { digest: string } };
  if (now.proposal?.digest !== shown.proposal?.digest)
    throw new TendError('refused', `"${shown.id}" asks for another move now`, {
      code: 'changed-meanwhile',
      hint: 'read it again',
    });
  const { verb } = await import('../../contract/verbs/answer.js');
  const body = readVerdict(text)?.yes ? text.trim() : text;
  const { json } = await call(verb, context, { args: { ask_id: shown.id }, flags: { channel: 'tui' }, body });
  const given = (json as { answer: string }).answer;
  return `answered ${shown.id}: ${given.length > 60 ? `${given.slice(0, 59)}…` : given}`;
}

async function tellWorker(context: Context, { worker, text }: Extract<Effect, { do: 'tell' }>): Promise<string> {
  const { verb } = await import('../../contract/verbs/tell.js');
  return (await call(verb, context, { args: { worker }, body: text })).text;
}

/** How it ended, and by whom, as one sentence. */
async function endOf(context: Context, id: string): Promise<string> {
  try {
    const { verb } = await import('../../contract/verbs/ask-show.js');
    const story = (await call(verb, context, { args: { ask_id: id } })).json as Record<string, string | undefined>;
    if (story['answer'] === undefined) return 'It is no longer pending.';
    return `It was ${story['state']} by ${story['by']} (${story['channel']}) meanwhile: ${JSON.stringify(story['answer'])}. What you have written stays here.`;
  } catch (error) {
    return `It is no longer pending: ${messageOf(error)}`;
  }
}

const PLAYBOOK = 'PLAYBOOK.md';

async function policyFiles(context: Context): Promise<PolicyFile[]> {
  const { verb } = await import('../../contract/verbs/goal-list.js');
  const goals = (await call(verb, context, {})).json as { id: string; title?: string; problem?: string }[];
  return [
    { name: PLAYBOOK, about: 'the policy that every decision follows' },
    ...goals.map(({ id, title, problem }) => ({ name: id, about: problem ?? title ?? '' })),
  ];
}

/** Nothing is written when nothing was changed, and nothing that somebody else changed meanwhile is written over. */
async function editPolicy(context: Context, screen: WholeScreen, name: string): Promise<string> {
  const isPlaybook = name === PLAYBOOK;
  const [{ verb: show }, { verb: write }] = isPlaybook
    ? await Promise.all([
        import('../../contract/verbs/playbook-show.js'),
        import('../../contract/verbs/playbook-write.js'),
      ])
    : await Promise.all([import('../../contract/verbs/goal-show.js'), import('../../contract/verbs/goal-write.js')]);
  const args = isPlaybook ? {} : { id: name };
  const before = (await call(show, context, { args })).text;
  const { editOnScreen } = await import('../../contract/screen/edit-on-screen.js');
  return editOnScreen(context, screen, {
    text: before,
    name: isPlaybook ? PLAYBOOK : `${name}.md`,
    take: async (text) => {
      if (text === before) return `${name} is as it was`;
      if ((await call(show, context, { args })).text !== before)
        throw new TendError('refused', `Cannot write "${name}": somebody changed it while you were editing`, {
          code: 'changed-meanwhile',
        });
      return (await call(write, context, { args, body: text.trimEnd() })).text;
    },
  });
}
