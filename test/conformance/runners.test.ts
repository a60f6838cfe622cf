/** Each agent CLI against what was recorded of it. codewith, aicopilot and cursor-agent are read as the CLIs whose streams they print. */
import { RUNNERS } from '../../src/runners/registry.js';
import { CLAUDE, CODEX, OPENCODE, PI } from './cases.js';
import { conformance, isKept } from './runners.js';

conformance(RUNNERS.claude, CLAUDE);
conformance(RUNNERS.codex, CODEX);
conformance(RUNNERS.opencode, OPENCODE);
conformance(RUNNERS.pi, PI);
// The streams themselves have been read above.
conformance(RUNNERS['cursor-agent'], CLAUDE.filter(isKept));
conformance(RUNNERS.codewith, CODEX.filter(isKept));
conformance(RUNNERS.aicopilot, OPENCODE.filter(isKept));
