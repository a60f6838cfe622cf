/** What people read of the service. Pure. */
import type { Installed, ServiceLook, Uninstalled } from '../../ops/service/service.js';

export function renderInstalled({ place, wrote, copy, enabled, pid, tookOver, problems, todo }: Installed): string {
  return [
    `${place.name}: ${wrote ? 'written' : 'unchanged'}${enabled ? ', enabled' : ''}${pid === null ? '' : `, running, pid ${pid}`}`,
    `  ${place.file}`,
    ...(copy === null ? [] : [`  the file that was there: ${copy}`]),
    ...(tookOver ? ['  the pulse that ran before was ended; workers and commands went on'] : []),
    ...problems.map((problem) => `  ! ${problem}`),
    ...(todo.length > 0 ? ['To do:', ...todo.map((line) => `  ${line}`)] : []),
    'tend down stops it until "tend up" or your next login.',
  ].join('\n');
}

export function renderUninstalled({ place, removed, stopped, problems }: Uninstalled): string {
  if (!removed) return `${place.name}: not installed`;
  const pulse =
    stopped === 'stopped'
      ? 'the pulse that it ran was stopped, workers go on; "tend up" starts one by hand'
      : stopped === 'not-running'
        ? 'no pulse ran under it'
        : 'the pulse that it ran could not be ended ("tend down")';
  return [`${place.name}: removed`, `  ${pulse}`, ...problems.map((problem) => `  ! ${problem}`)].join('\n');
}

export function renderService({ place, file, current, running, unreachable, lingers }: ServiceLook): string {
  if (file === 'absent') return `${place.name}: not installed (tend service install)`;
  if (file === 'foreign') return `${place.name}: "${place.file}" was not written by tend`;
  return [
    `${place.name}: ${running ? `${running.enabled ? 'enabled' : 'NOT enabled'}, ${running.state}${running.pid === null ? '' : `, pid ${running.pid}`}` : `installed; ${unreachable ?? 'its state is not known'}`}`,
    `  ${place.file}`,
    ...(current ? [] : ['  ! it starts another tend or Node than this one (tend service install)']),
    ...(lingers === false ? ['  it runs while you are logged in; from boot on with: loginctl enable-linger'] : []),
  ].join('\n');
}
