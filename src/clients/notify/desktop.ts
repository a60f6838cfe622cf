/** The desktop's own notification: `notify-send`, or `osascript` on macOS. What is shown travels as arguments, never inside a script. */
import type { NotifyDesk } from '../../contract/notify/desk.js';
import { clip } from '../../lib/clip.js';
import { terminalSafe } from '../../lib/terminal-safe.js';
import type { Urgency } from '../../model/ask.js';
import type { Channel, Outcome } from './channel.js';
import { bodyOf, TEST_TEXT, TEST_TITLE, titleOf } from './wording.js';

/** A bubble shows a few lines. */
const BODY_CHARS = 500;
const LEVEL: Readonly<Record<Urgency, string>> = { low: 'low', normal: 'normal', high: 'critical' };
const SCRIPT = ['on run argv', 'display notification (item 2 of argv) with title (item 1 of argv)', 'end run'].flatMap(
  (line) => ['-e', line],
);

type Desk = Pick<NotifyDesk, 'run' | 'findProgram'>;

export function desktopChannel(desk: Desk): Channel {
  return {
    name: 'desktop',
    push: (push) => show(desk, { title: titleOf(push), body: bodyOf(push, BODY_CHARS), urgency: push.urgency }),
    test: () => show(desk, { title: TEST_TITLE, body: TEST_TEXT, urgency: 'normal' }),
  };
}

async function show(desk: Desk, shown: { title: string; body: string; urgency: Urgency }): Promise<Outcome> {
  const title = terminalSafe(shown.title);
  const linux = desk.findProgram('notify-send');
  const mac = linux === undefined ? desk.findProgram('osascript') : undefined;
  if (linux === undefined && mac === undefined)
    return { state: 'broken', why: 'neither notify-send nor osascript is on the PATH' };
  const argv: [string, ...string[]] =
    linux === undefined
      ? [mac!, ...SCRIPT, title, shown.body]
      : [linux, '--app-name=tend', `--urgency=${LEVEL[shown.urgency]}`, '--', title, plain(shown.body)];
  const end = await desk.run({ argv, input: '', env: {} });
  // No session bus at night, one again in the morning: it passes.
  return end.ok ? { state: 'sent' } : { state: 'busy', why: clip(end.why, 300), unsure: end.unsure };
}

/** The text of a bubble may be markup. */
const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
