/** ISO 8601 dates as people type them. A date without an offset is meant in the zone of this machine, also one without a time. */

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([Zz]|[+-]\d\d(?::?\d\d)?)?)?$/;

/** Milliseconds since 1970 UTC; undefined for what is no date, such as 30 February. */
export function parseIsoDate(text: string): number | undefined {
  const match = ISO.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((at) => Number(match[at] ?? 0)) as Six;
  const ms = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1_000);
  // `Date` takes the years 0 to 99 for those of 1900; the look at the year refuses them.
  const utc = new Date(Date.UTC(year, month - 1, day, hour, minute, second, ms));
  if (
    utc.getUTCFullYear() !== year ||
    hour > 23 ||
    utc.getUTCMonth() !== month - 1 ||
    utc.getUTCDate() !== day ||
    minute > 59 ||
    second > 59
  )
    return undefined;
  if (match[8] === undefined) return inFourDigits(new Date(year, month - 1, day, hour, minute, second, ms).getTime());
  const offset = offsetMinutes(match[8]);
  return offset === undefined ? undefined : inFourDigits(utc.getTime() - offset * 60_000);
}

/** Records and keys of times have years of four digits. */
const [FIRST_MS, LAST_MS] = [Date.UTC(1000, 0), Date.UTC(10_000, 0) - 1];
const inFourDigits = (ms: number): number | undefined => (ms >= FIRST_MS && ms <= LAST_MS ? ms : undefined);

type Six = [number, number, number, number, number, number];

/** `Z`, `+02`, `+0530`, `-03:30` → minutes east of UTC. */
function offsetMinutes(text: string): number | undefined {
  if (text.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(':', '') || 0)];
  if (hours > 15 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
