/** Version of the time zone rules that this Node has built in, like `2025b`; undefined when it does not say. */
export const zoneDataVersion = (): string | undefined => process.versions['tz'];
