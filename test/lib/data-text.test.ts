import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDataText } from '../../src/lib/data-text.js';
import { jsonProblemAt } from '../../src/lib/json-place.js';

test('any JSON value is read back, and no place of it is called wrong before its end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.constantFrom(0, 2), async (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(JSON.stringify((await parseDataText(text, 'json')).value)).toBe(JSON.stringify(JSON.parse(text)));
      expect(jsonProblemAt(text)).toBe(text.length);
    }),
  );
});

test('one character put into JSON is found where it stands, and nothing of the text is quoted but it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.integer()), async (value) => {
      const text = JSON.stringify(value, null, 1);
      const at = text.indexOf('{') + 1;
      const { problem } = await parseDataText(`${text.slice(0, at)}#${text.slice(at)}`, 'json');
      expect(problem).toBe('line 1, column 2: this is not JSON: unexpected "#"');
    }),
  );
});

test('what is read as YAML runs no code and makes no dates', async () => {
  expect((await parseDataText('a: 2026-01-02', undefined)).value).toEqual({ a: '2026-01-02' });
  expect((await parseDataText('a: !!js/function "function () {}"', undefined)).problem).toContain('line 1');
});
