/**
 * What only reads and still may not pass: output of a command reaches the prompt of a model, so reading a secret gives it away.
 * Pure. Names are all that can be seen: a secret in a file of a harmless name, or met by a recursive search, passes.
 */
import type { Arg } from './arg.js';

const SECRET =
  /(?:^|[/=:@,\s])(?:\.ssh(?:\/(?!known_hosts$|[\w.-]+\.pub$)|$)|id_(?:rsa|dsa|ecdsa|ed25519)(?!\.pub)|\.env(?:$|\.(?!example|sample|template|dist))|\.envrc|\.netrc|_netrc|\.npmrc|\.pypirc|\.pgpass|\.my\.cnf|\.git-credentials|\.vault-token|\.htpasswd|\.gnupg(?:\/|$)|\.aws(?:\/|$)|\.azure(?:\/|$)|\.kube(?:\/|$)|\.docker\/config|\.config\/(?:gcloud|gh|hub)(?:\/|$)|\.password-store|\.claude\/\.credentials|\.codex\/auth|\.(?:bash|zsh|psql|mysql)_history|credentials?(?:$|\.(?:json|ya?ml|toml|ini|csv|xml))|secrets?(?:$|\/|\.(?:json|ya?ml|toml|ini|env|txt))|shadow-?$|gshadow|sudoers|master\.key)/i;
const SECRET_ANYWHERE =
  /\/etc\/(?:shadow|gshadow|sudoers|ssl\/private|ssh\/ssh_host)|\/proc\/[^/]+\/(?:environ|mem)|\/run\/secrets|\.(?:pem|key|p12|pfx|kdbx|jks|keystore|asc|ovpn|tfstate)$|\/dev\/(?:tcp|udp|mem|kmem)/i;
/** A program of jq that shows the environment, or is made of what stands elsewhere. */
export const SHOWS_ENV = /\$ENV|\benv\b|\bimport\b|\binclude\b|\$__prog/;
/** A pattern is held against these: what `.e*` or `/etc/sh*` may find. */
const SAMPLES = '.ssh .env .netrc .npmrc .aws .kube .gnupg .docker .git-credentials .pgpass id_rsa id_ed25519'.split(
  ' ',
);
const SAMPLE_PATHS = ['/etc/shadow', '/etc/gshadow', '/etc/sudoers', '/proc/self/environ', '/proc/1/environ'];

/** The reason to ask when a word names, or may find, a file that is likely to hold a secret. */
export function secretIn(arg: Arg): string | undefined {
  const { value } = arg;
  if (SECRET.test(value) || SECRET_ANYWHERE.test(value))
    return `${JSON.stringify(value)} may hold a secret, and output reaches the model`;
  if (arg.fixed || !/[*?[]/.test(value)) return undefined;
  const parts = value.split('/').filter((part) => /[*?[]/.test(part));
  const finds =
    SAMPLE_PATHS.some((path) => isFound(value, path)) ||
    // A pattern that begins with a wildcard finds no hidden file, and one without any letter says nothing about names.
    parts.some((part) => /^[.\w]/.test(part) && SAMPLES.some((sample) => isFound(part, sample)));
  return finds ? `${JSON.stringify(value)} may find a file with a secret, and output reaches the model` : undefined;
}

/** Shell patterns, brackets taken as any character: finding too much only means asking. */
function isFound(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/\[[^\]]*\]/g, '?')
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('?', '[^/]')
    .replace(/\*+/g, '[^/]*');
  return pattern.length < 200 && (pattern.match(/\*/g)?.length ?? 0) < 6 && new RegExp(`^${source}$`).test(name);
}
