/** A profile with asks in it, and the relay over it as a real process. */
import { digest } from '../../../src/lib/hash.js';
import { parseJson, stableJson } from '../../../src/lib/json.js';
import type { Ask } from '../../../src/model/ask.js';
import { raiseAsk, readAnswer } from '../../../src/store/asks.js';
import type { Disk } from '../../../src/store/disk.js';
import { type Ended, makeProfile, type Profile } from '../../contract/tend-process.js';

export interface Relay {
  /** What it has said on both streams until now. */
  said(): string;
  /** Ends it as a service manager would. */
  stop(): Promise<Ended>;
  kill(): Promise<Ended>;
  ended: Promise<Ended>;
}

export type Stage = ReturnType<typeof makeStage>;

export function makeStage() {
  const profile: Profile = makeProfile();
  const { disk } = profile;
  disk.makeDir('asks');
  return {
    ...profile,
    ask: (draft: Partial<Ask> = {}): Ask =>
      raiseAsk(
        disk,
        { worker: 'web', prompt: 'Which day?', kind: 'question', urgency: 'normal', ...draft },
        Date.now(),
      ),
    approval: (cmd: string, more: Partial<Ask> = {}): Ask => raiseApproval(disk, cmd, more),
    config: (notify: object) => disk.replace('config.json', JSON.stringify({ notify })),
    async answer(id: string): Promise<{ answer: string; by: string; channel: string } | undefined> {
      const read = await readAnswer(disk, id);
      return read.state === 'present' ? read.value : undefined;
    },
    events: (name: string): Record<string, unknown>[] => eventsIn(disk, name),
    relay(args: readonly string[] = [], env: Record<string, string> = {}): Relay {
      const { child, ended } = profile.start(['notify', ...args], { env });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (more: string) => (text += more));
      const stop = (signal: NodeJS.Signals) => () => {
        child.kill(signal);
        return ended;
      };
      return { said: () => text, stop: stop('SIGTERM'), kill: stop('SIGKILL'), ended };
    },
  };
}

function raiseApproval(disk: Disk, cmd: string, more: Partial<Ask>): Ask {
  const move = { action: 'run_shell' as const, cmd };
  const proposal = { move, digest: digest(stableJson(move)), world: 'w' };
  return raiseAsk(
    disk,
    { worker: 'gate', prompt: 'May I run this?', kind: 'approval', urgency: 'normal', proposal, ...more },
    Date.now(),
  );
}

function eventsIn(disk: Disk, name: string): Record<string, unknown>[] {
  const listed = disk.list('');
  const logs = listed.state === 'present' ? listed.names.filter((file) => file.startsWith('events-')) : [];
  return logs.flatMap((log) => {
    const read = disk.read(log);
    const rows = read.state === 'present' ? read.text.split('\n').filter((line) => line !== '') : [];
    return rows.map((row) => parseJson(row).value as Record<string, unknown>).filter((row) => row['event'] === name);
  });
}
