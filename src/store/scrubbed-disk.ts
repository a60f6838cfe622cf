/**
 * The data dir as it may be written where text of commands, models and workers is kept: secrets are taken out of every appended
 * line and of the files that a run leaves. What a human must see and what is run stays byte for byte: asks, moves, commands.
 */
import { type Scrub, scrubber, secretsOf } from '../lib/scrub.js';
import { secretNames } from './config-text.js';
import type { Disk } from './disk.js';

/** Texts of a run that somebody reads later and nothing executes. `command.json` is bound by its digest and stays. */
const KEPT_TEXT = /^runs\/.*\/(?:prompt[^/]*\.md|output[^/]*\.log|outcome\.json)$/;

/** `scrub` is made at the first write. Repeating a write gives the same bytes, so a recovery finds its own line. */
export function scrubbedDisk(disk: Disk, scrub: () => Scrub): Disk {
  const clean = (text: string): string => scrub()(text);
  const cleaned = (key: string, content: string | Uint8Array): string | Uint8Array =>
    typeof content === 'string' && KEPT_TEXT.test(key) ? clean(content) : content;
  return {
    ...disk,
    clean,
    publish: (key, content, keeping) => disk.publish(key, cleaned(key, content), keeping),
    replace: (key, content, keeping) => disk.replace(key, cleaned(key, content), keeping),
    append: (key, line, how) => disk.append(key, clean(line), how),
  };
}

/** The scrub for this environment and config, made anew when the config lists other names; a config that cannot be read changes nothing. */
export function scrubOf(env: Readonly<Record<string, string | undefined>>, configPath: string): () => Scrub {
  let listed: readonly string[] | undefined;
  let scrub: Scrub | undefined;
  return () => {
    const names = secretNames(configPath) ?? listed ?? [];
    if (!scrub || names.join() !== listed?.join()) scrub = scrubber(secretsOf(env, names));
    listed = names;
    return scrub;
  };
}
