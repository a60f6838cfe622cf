import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFrontMatter, renderFrontMatter } from '../../src/lib/front-matter.js';

const anyText = fc.string({ unit: 'binary' });
/** Bodies made of what could be mistaken for a border. */
const body = fc.oneof(
  anyText,
  fc
    .array(fc.constantFrom('---', '--- ', '---js', '...', 'key: value', '', ' ', '\r', '\ufeff', 'text'), {
      maxLength: 8,
    })
    .map((lines) => lines.join('\n')),
);
const jsonValue = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });
const key = fc.oneof(
  anyText,
  fc.constantFrom('__proto__', 'constructor', 'format', 'true', 'null', '1e3', '-', '---', 'a: b', '#'),
);
const data = fc.array(fc.tuple(key, jsonValue), { maxLength: 6 }).map((entries) => Object.fromEntries(entries));

/** JSON has no minus zero; everything else comes back as it went in. */
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

/** As entries, because `toEqual` does not see a key `__proto__`. */
const byKey = (data: object) => asJson(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));

test('what was rendered is read back: any JSON values, any keys, any body up to its last newline', async () => {
  await fc.assert(
    fc.asyncProperty(data, body, async (data, body) => {
      const parsed = await parseFrontMatter(renderFrontMatter(data, body));
      expect(parsed.problem).toBeUndefined();
      expect(byKey(parsed.value!.data)).toEqual(byKey(data));
      expect(parsed.value!.body).toBe(body.endsWith('\n') ? body : `${body}\n`);
    }),
    { numRuns: 500 },
  );
});

test('the YAML parser reads what we wrote to the same values, so a human may edit one line of it', async () => {
  const names = fc.stringMatching(/^[a-z][a-z_-]{0,9}$/);
  // JSON writes these bare; YAML calls some of them line breaks or not printable.
  const odd = fc.string({
    unit: fc.constantFrom(...'\u007f\u0080\u0085\u009f\u2028\u2029\ufeff\ufffe\uffff\u0000\ta'),
  });
  const printable = fc.oneof(odd, fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, printable), async (data) => {
      const text = renderFrontMatter({ ...data, zz_edited: 0 }, 'body').replace('zz_edited: 0', "zz_edited: 'by hand'");
      const parsed = await parseFrontMatter(text);
      expect(parsed.problem).toBeUndefined();
      expect(asJson(parsed.value!.data)).toEqual(asJson({ ...data, zz_edited: 'by hand' }));
    }),
    { numRuns: 300 },
  );
});

test('no text whatever makes the parser throw, and a problem is one line', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        anyText,
        anyText.map((text) => `---\n${text}\n---\n`),
        body.map((text) => `---\n${text}`),
      ),
      async (text) => {
        const parsed = await parseFrontMatter(text);
        expect(parsed.problem ?? '').not.toContain('\n');
      },
    ),
    { numRuns: 500 },
  );
});
