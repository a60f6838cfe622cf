/** What Slack refuses in a message: the limits of its Block Kit reference, as far as our messages can touch them. */

interface Text {
  type?: string;
  text?: string;
}
type Block = Record<string, unknown> & { type?: string; text?: Text; elements?: Record<string, unknown>[] };

const MAX = {
  section: 3_000,
  header: 150,
  context: 2_000,
  button: 75,
  value: 2_000,
  action: 255,
  blocks: 50,
  all: 13_200,
};

/** Problems as `response_metadata.messages` would have them; empty: it is accepted. */
export function blockProblems(blocks: unknown): string[] {
  if (blocks === undefined) return [];
  if (!Array.isArray(blocks)) return ['must be an array'];
  const found: string[] = [];
  if (blocks.length > MAX.blocks) found.push(`no more than ${MAX.blocks} items allowed [json-pointer:/blocks]`);
  const actions = new Set<string>();
  let all = 0;
  for (const [at, block] of (blocks as Block[]).entries()) {
    const wrong = (what: string) => found.push(`${what} [json-pointer:/blocks/${at}]`);
    const length = (text: Text | undefined, max: number) => {
      const size = text?.text?.length ?? 0;
      all += size;
      if (size < 1) wrong('must be more than 0 characters');
      if (size > max) wrong(`must be less than ${max + 1} characters`);
    };
    switch (block.type) {
      case 'header':
        if (block.text?.type !== 'plain_text') wrong('a header is plain_text');
        length(block.text, MAX.header);
        break;
      case 'section':
        length(block.text, MAX.section);
        break;
      case 'context':
        if ((block.elements ?? []).length > 10) wrong('no more than 10 items allowed');
        for (const element of block.elements ?? []) length(element as Text, MAX.context);
        break;
      case 'rich_text':
        for (const element of block.elements ?? [])
          for (const part of (element['elements'] as Text[]) ?? []) length(part, MAX.section);
        break;
      case 'actions':
        if ((block.elements ?? []).length < 1 || (block.elements ?? []).length > 25) wrong('1 to 25 items allowed');
        for (const element of block.elements ?? []) {
          length(element['text'] as Text, MAX.button);
          if (String(element['value'] ?? '').length > MAX.value)
            wrong(`value must be less than ${MAX.value + 1} characters`);
          const id = String(element['action_id'] ?? '');
          if (id === '' || id.length > MAX.action) wrong('action_id has 1 to 255 characters');
          if (actions.has(id)) wrong(`action_id ${id} already exists`);
          actions.add(id);
          const confirm = element['confirm'] as Record<string, Text> | undefined;
          if (confirm) {
            for (const [name, max] of Object.entries({ title: 100, text: 300, confirm: 30, deny: 30 }))
              length(confirm[name], max);
          }
        }
        break;
      case 'input':
        break;
      default:
        wrong(`unknown block ${block.type}`);
    }
  }
  if (all > MAX.all) found.push('msg_blocks_too_long');
  return found;
}

/** The same for a window. */
export function viewProblems(view: Record<string, unknown>): string[] {
  const found = blockProblems(view['blocks']);
  for (const name of ['title', 'submit', 'close'])
    if (((view[name] as Text | undefined)?.text?.length ?? 99) > 24)
      found.push(`${name} must be less than 25 characters`);
  if (String(view['private_metadata'] ?? '').length > 3_000)
    found.push('private_metadata must be less than 3001 characters');
  return found;
}
