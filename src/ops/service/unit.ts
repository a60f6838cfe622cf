/** Terms → a systemd user unit. Pure; `systemd-analyze --user verify` has nothing to say about it. */
import { MARK, type ServiceTerms } from './terms.js';

/**
 * - `on-failure`: restarted after a crash or a kill, never after `tend down`, which ends it with 0. Exit codes 1 and 2 say that
 *   another pulse runs or that nothing is configured, which a restart does not mend; 130 is a person's second Ctrl-C.
 * - `KillMode=process`, `OOMPolicy=continue`: workers and commands belong to themselves, and outlive a stop, a restart and one another.
 * - No sandbox: workers are agents of this user and write where their user may.
 */
export const systemdUnit = ({
  dataDir,
  argv,
  env,
  envFile,
  log,
}: ServiceTerms): string => `# ${MARK}; "tend service uninstall" removes it.
[Unit]
Description=${specifiers(`tend, the pulse of ${dataDir}`)}
StartLimitIntervalSec=600
StartLimitBurst=10

[Service]
Type=exec
ExecStart=${argv.map(execWord).join(' ')}
${Object.entries(env)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`)
  .join('\n')}
EnvironmentFile=-${specifiers(envFile)}
StandardOutput=append:${specifiers(log)}
StandardError=inherit
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=1 2 130
KillMode=process
TimeoutStopSec=30
OOMPolicy=continue

[Install]
WantedBy=default.target
`;

/** `%` begins a specifier everywhere in a unit. */
const specifiers = (text: string): string => text.replaceAll('%', '%%');

const quoted = (text: string): string => `"${specifiers(text).replace(/[\\"]/g, '\\$&')}"`;

/** In a command line `$` begins a variable, too. */
const execWord = (word: string): string =>
  /^[A-Za-z0-9_@+=:,./-]+$/.test(word) ? word : quoted(word).replaceAll('$', '$$$$');
