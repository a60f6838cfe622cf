/** What is shown of a text that nobody asked to see: its length in characters as people count them, roughly (UTF-16 units). */
export const redacted = (text: string): string => `[redacted ${text.length} chars]`;
