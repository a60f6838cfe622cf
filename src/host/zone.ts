/** IANA name of this machine's zone as it is now: it may have been carried to another one. */
export const hostZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
