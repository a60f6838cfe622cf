/** A section is a header line and its parts. Items of a budgeted section may be left out from the end, visibly. */

export interface Item {
  /** For `truncated`, e.g. `goal:setup`. */
  name: string;
  text: string;
}

export interface Section {
  title: string;
  /** Always shown, before the items. */
  lead?: string;
  items?: Item[];
  /** Where the left-out items can be read. */
  where?: string;
}

/** Text of a section with its first `shown` items. */
export function renderSection(section: Section, shown = section.items?.length ?? 0): string {
  const items = section.items ?? [];
  const left = items.length - shown;
  return [
    `=== ${section.title} ===`,
    ...(section.lead === undefined ? [] : [section.lead]),
    ...items.slice(0, shown).map((item) => item.text),
    ...(left > 0 ? [cutNotice(items.length, left, section.where ?? '')] : []),
    '',
    '',
  ].join('\n');
}

const cutNotice = (all: number, left: number, where: string): string =>
  `[truncated: ${left} of ${all} items do not fit into this prompt, read ${where}]`;

export const bytesOf = (text: string): number => Buffer.byteLength(text);

/**
 * How many items of each section fit into `room` bytes. Each section is sure of an equal share, what one does not need goes to
 * the others in order; within a section the first item that does not fit ends it, so that what is missing is always the rest.
 */
export function fitItems(sections: readonly Section[], room: number): number[] {
  const sizes = sections.map((section) => (section.items ?? []).map((item) => bytesOf(item.text) + 1));
  const needs = sizes.map((list) => list.reduce((sum, size) => sum + size, 0));
  const share = Math.max(0, Math.floor(room / Math.max(1, sections.length)));
  const given = needs.map((need) => Math.min(need, share));
  let spare = Math.max(0, room) - given.reduce((sum, size) => sum + size, 0);
  needs.forEach((need, index) => {
    const more = Math.min(need - given[index]!, spare);
    given[index]! += more;
    spare -= more;
  });
  return sizes.map((list, index) => countFitting(list, given[index]!));
}

function countFitting(sizes: readonly number[], room: number): number {
  let used = 0;
  const first = sizes.findIndex((size) => {
    used += size;
    return used > room;
  });
  return first < 0 ? sizes.length : first;
}
