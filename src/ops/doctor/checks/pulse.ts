/** Does the pulse live, is it this tend, and what does it complain of? Its lock, and the workers' supervisors, by proof of life. */
import { askLife } from '../../../host/worker-life.js';
import { messageOf } from '../../../model/error.js';
import { isEnded } from '../../../model/fleet.js';
import { lifeHandle, observeLife } from '../../../store/fleet.js';
import { lockLook } from '../../../store/lock.js';
import { readWorker, workerIds } from '../../../store/workers.js';
import { type Check, type DoctorWorld, type Finding, fail, ok, warn } from '../check.js';

export const pulseCheck: Check = {
  id: 'pulse',
  about: 'the pulse answers, is of this version, and has no complaints',
  look: (world) => {
    const { life, version } = world;
    switch (life.state) {
      case 'alive': {
        const theirs = life.holder?.version;
        const found = [
          ...(theirs === version
            ? []
            : [warn(`the pulse is tend ${theirs}, this is tend ${version}`, 'tend down && tend up')]),
          ...complaints(life.answer?.['problems']),
        ];
        return found.length > 0 ? found : [ok(`pid ${life.pid}, tend ${theirs}`)];
      }
      case 'silent':
        return [
          fail(
            `the pulse, pid ${life.pid}, is there and does not answer: it is stopped, or very busy`,
            'tend down && tend up',
          ),
        ];
      case 'unknown':
        return [fail(`the pulse cannot be asked: ${life.reason ?? 'the reason is not known'}`, 'tend status')];
      case 'dead':
        return [deadFinding(world)];
    }
  },
};

function complaints(problems: unknown): Finding[] {
  const texts = Array.isArray(problems) ? problems.filter((one) => typeof one === 'string') : [];
  return texts.map((text) => warn(`the pulse says: ${text}`, 'tend status'));
}

/** A pulse that was told to end has released its lock; one that was killed, or crashed, has not. */
function deadFinding({ disk }: DoctorWorld): Finding {
  const lock = lockLook(disk, 'pulse');
  if (lock.state === 'held')
    return warn(
      `the pulse is down and did not end by itself: ${lock.who} never released its lock; the next one takes over`,
      'tend up',
    );
  return warn('the pulse is down: nothing is sensed, decided or started', 'tend up');
}

export const workersCheck: Check = {
  id: 'workers',
  about: 'each worker that is said to run has a supervisor that answers',
  look: async ({ disk, life }) => {
    const all = await Promise.all(workerIds(disk).map((id) => workerFinding(disk, id)));
    const found = all.flatMap(({ finding }) => finding ?? []);
    const alive = all.filter((one) => one.alive).map(({ id }) => id);
    if (alive.length > 0 && !life.alive)
      found.push(warn(`${alive.join(', ')} ${alive.length === 1 ? 'works' : 'work'} on without a pulse`, 'tend up'));
    return found.length > 0 ? found : [ok(alive.length === 0 ? 'none runs' : `alive: ${alive.join(', ')}`)];
  },
};

async function workerFinding(
  disk: DoctorWorld['disk'],
  id: string,
): Promise<{ id: string; alive?: true; finding?: Finding }> {
  try {
    const record = readWorker(disk, id);
    if (record?.problem)
      return {
        id,
        finding: warn(`worker "${id}": "${record.problem.key}" ${record.problem.reason}`, 'tend worker list'),
      };
    if (!record || isEnded(record.status) || !lifeHandle(record)) return { id };
    const life = await observeLife(record, askLife);
    if (life === 'alive') return { id, alive: true };
    const why =
      life === 'dead'
        ? 'is said to run, and its supervisor is gone'
        : 'has a supervisor that does not answer: it is stopped, or very busy';
    return { id, finding: warn(`worker "${id}" ${why}`, life === 'dead' ? 'tend up' : `tend worker kill ${id}`) };
  } catch (error) {
    return { id, finding: warn(`worker "${id}": ${messageOf(error)}`, 'tend worker list') };
  }
}
