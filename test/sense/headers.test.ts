import { expect, test } from 'vitest';
import { parseHeaders } from '../../src/sense/headers.js';

const none = { intervalS: 0, keepsApprovals: false, ignore: [], problems: [] };

test.each([
  ['#!/bin/sh\necho 1', none],
  ['#!/bin/sh\n# tend:interval=300\n', { ...none, intervalS: 300 }],
  ['#tend:interval=5m', { ...none, intervalS: 300 }],
  ['  #  tend: timeout = 20 \r', { ...none, timeoutS: 20 }],
  ['# tend:approvals=keep', { ...none, keepsApprovals: true }],
  ['# tend:ignore=a.b, c', { ...none, ignore: [['a', 'b'], ['c']] }],
  ['# tend:interval=1\n# tend:interval=2', { ...none, intervalS: 2 }],
  ['# notend:interval=1', none],
  [`${'\n'.repeat(19)}# tend:interval=7`, { ...none, intervalS: 7 }],
  [`${'\n'.repeat(20)}# tend:interval=7`, none],
])('headers of %j', (text, headers) => {
  expect(parseHeaders(text)).toEqual(headers);
});

test.each([
  ['# tend:interval=-1', '"-1" is no number of seconds'],
  ['# tend:interval=1.5', '"1.5"'],
  ['# tend:interval 60', 'wanted is "# tend:<name>=<value>"'],
  ['# tend:timeout=0', 'from 1 to 3600'],
  ['# tend:timeout=2h', 'from 1 to 3600'],
  ['# tend:approvals=drop', '"keep"'],
  ['# tend:ignore=', 'empty part'],
  ['# tend:ignore=a..b', 'empty part'],
  ['# tend:speed=9', 'unknown'],
])('%j is a problem that names its line', (text, words) => {
  const { problems, ...rest } = parseHeaders(`#!/bin/sh\n${text}`);
  expect(problems).toEqual([expect.stringContaining(words)]);
  expect(problems[0]).toMatch(/^line 2: /);
  expect(rest).toMatchObject({ intervalS: 0, ignore: [] });
});
