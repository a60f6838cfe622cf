/** A command line parsed by the full splitter, as the client does with every line that is not plain. */
import { type ParsedLine, parseLine as parse } from '../../../src/clients/cli/parse.js';
import { splitFor } from '../../../src/clients/cli/split-line.js';
import type { Verb } from '../../../src/contract/verb.js';

export const parseLine = (verb: Verb, argv: readonly string[]): ParsedLine => parse(verb, splitFor(verb, argv), argv);
