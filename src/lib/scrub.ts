/**
 * Takes secrets out of text that is kept or sent: known shapes of tokens, and the values of variables that are secrets by their
 * name or by the config. Pure, linear in the text, and safe to repeat: what it puts in place has no shape of a secret.
 * It cannot know a secret of no known shape and no known variable, nor one that was split, wrapped or encoded.
 */

/** What is put in place of a secret; `what` names its kind or its variable, never a part of it. */
export type Put = (what: string, secret: string) => string;

/** Shapes as their issuers document them; each begins with what nothing else begins with, so that prose is left alone. */
const SHAPES: readonly (readonly [what: string, shape: string])[] = [
  ['Anthropic key', String.raw`sk-ant-[\w-]{16,}`],
  ['OpenAI key', String.raw`sk-(?:proj|svcacct|admin|None)-[\w-]{16,}|sk-[A-Za-z0-9]{32,}`],
  ['OpenRouter key', String.raw`sk-or-(?:v\d-)?[\w-]{16,}`],
  ['xAI key', 'xai-[A-Za-z0-9]{32,}'],
  ['Groq key', 'gsk_[A-Za-z0-9]{32,}'],
  ['Google key', String.raw`AIza[\w-]{35}`],
  ['Google token', String.raw`ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}`],
  ['Hugging Face token', 'hf_[A-Za-z0-9]{30,}'],
  ['GitHub token', String.raw`gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,}`],
  ['GitLab token', String.raw`gl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{20,}`],
  ['Slack token', String.raw`xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}`],
  ['Slack webhook', String.raw`hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{16,}`],
  ['Discord webhook', String.raw`discord(?:app)?\.com/api/webhooks/\d+/[\w-]{16,}`],
  ['AWS key id', '(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])'],
  ['npm token', 'npm_[A-Za-z0-9]{36}'],
  ['PyPI token', String.raw`pypi-[\w-]{16,}`],
  ['Stripe key', '[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{16,}'],
  ['SendGrid key', String.raw`SG\.[\w-]{16,}\.[\w-]{16,}`],
  ['DigitalOcean token', 'do[opr]_v1_[0-9a-f]{64}'],
  ['Linear key', 'lin_(?:api|oauth)_[A-Za-z0-9]{32,}'],
  ['Notion token', 'ntn_[A-Za-z0-9]{40,}'],
  ['Docker token', String.raw`dckr_(?:pat|oat)_[\w-]{20,}`],
  ['Vault token', String.raw`hv[sbr]\.[\w-]{24,}`],
  ['Telegram token', String.raw`\d{8,10}:AA[\w-]{33}`],
  ['age key', 'AGE-SECRET-KEY-1[A-Z0-9]{50,}'],
  ['JSON web token', String.raw`eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}`],
  // Lines of a key stand as \n in JSON. One that is cut short is still a key; no scan runs into the next one, so time stays linear.
  [
    'private key',
    String.raw`-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?:(?!-----)[\w+/=\s\\:,.-])*-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=]*(?:(?:\r?\n|\\n)[A-Za-z0-9+/=]+)*)`,
  ],
];

/** What must stand before a shape: no sign of a word, so that the middle of a longer word is no beginning. */
const BEFORE = String.raw`(?<![\w-])`;

/** A password in a URL, and a header's credentials: what stands before them stays. */
const PASSWORD = /(:\/\/[^\s/:@'"]{1,256}:)([^\s/@'"]{3,256})(?=@)/g;
const HEADER = /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+)([\w.~+/=-]{8,})/gi;

const ALL = new RegExp(`${BEFORE}(?:${SHAPES.map(([, shape], index) => `(?<s${index}>${shape})`).join('|')})`, 'g');

/** A shorter value would be found in innocent text: a password of three letters is no secret that can be taken out. */
export const VALUE_CHARS_MIN = 8;

/** A variable and its value. */
export type Secret = readonly [name: string, value: string];

/** Text without its secrets. `put` decides what stands there instead; default `[secret: WHAT]`. */
export type Scrub = (text: string, put?: Put) => string;

const NOTE: Put = (what) => `[secret: ${what}]`;

/** A scrub for these values and all known shapes. Values shorter than 8 characters are left alone. */
export function scrubber(secrets: readonly Secret[]): Scrub {
  const known = new Map(
    secrets.filter(([, value]) => value.length >= VALUE_CHARS_MIN).map(([name, value]) => [value, name]),
  );
  // The longest first: of two values of which one begins the other, the whole one goes.
  const values = [...known.keys()].sort((a, b) => b.length - a.length).map(asLiteral);
  const any = values.length > 0 ? new RegExp(values.join('|'), 'g') : undefined;
  return (text, put = NOTE) => {
    const named = any ? text.replace(any, (value) => put(`$${known.get(value)}`, value)) : text;
    return named
      .replace(ALL, (secret, ...groups) => put(whatOf(groups.at(-1) as Record<string, string | undefined>), secret))
      .replace(
        PASSWORD,
        (_all, before: string, secret: string) => before + (isPut(secret) ? secret : put('password', secret)),
      )
      .replace(HEADER, (_all, before: string, secret: string) => before + put('credentials', secret));
  };
}

const whatOf = (groups: Record<string, string | undefined>): string => {
  const index = SHAPES.findIndex((_shape, at) => groups[`s${at}`] !== undefined);
  return SHAPES[index]?.[0] ?? 'token';
};

/** A note of ours, or a mask: repeating must not note the note. */
const isPut = (text: string): boolean =>
  /\[(?:secret:|SCRUBBED)/.test(text) || /^\*+$/.test(text) || /^[$%{<]/.test(text);

const asLiteral = (value: string): string => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** As many stars as the secret has characters: the columns of a terminal stay where they were. */
export const masked: Put = (_what, secret) => '*'.repeat(secret.length);

/** Names that say that their value is a secret, by their last word: `TOKEN_FILE` and `PASSWORD_STORE_DIR` name places. */
const SECRET_NAME =
  /(?:^|_)(?:API_?KEYS?|TOKENS?|SECRETS?|PASSW(?:OR)?D|PASSPHRASE|PRIVATE_KEY|ACCESS_KEY|SECRET_KEY(?:_BASE)?|CREDENTIALS?|PAT|AUTH|WEBHOOK(?:_URL)?)(?:_?\d+)?$/i;
/** Values that are no secret whatever their variable is called: a path, a switch, a number. */
const HARMLESS_VALUE = /^(?:\/|\.{0,2}\/|~|true$|false$|\d+$)/i;

/**
 * The secrets of an environment: variables whose names say so, and those that `names` lists (the config's `secrets`), whatever
 * they are called. Ours (`TEND_*`) are none: their values are marks that must be found again.
 */
export function secretsOf(env: Readonly<Record<string, string | undefined>>, names: readonly string[]): Secret[] {
  const listed = new Set(names);
  return Object.entries(env).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    if (value === undefined || name.startsWith('TEND_')) return false;
    return listed.has(name) || (SECRET_NAME.test(name) && !HARMLESS_VALUE.test(value));
  });
}
