/**
 * Usage lines in a stream of terminal bytes, as they come: lines are cut by chunks, end in CR LF, and may be as long as they like.
 * It keeps at most one line that could be a usage line, so a chatty worker costs one search per chunk.
 */
import type { Usage } from '../model/spend.js';
import { addUsage, takeUsageLines } from './usage.js';

/** As long as a usage line may be; see usage.ts. */
const LINE_BYTES_MAX = 2_000;
const LF = 10;

export interface UsageMeter {
  /** True when the sum has changed. */
  add(bytes: Uint8Array): boolean;
  /** The sum of all lines that have ended. */
  total(): Usage;
}

export function usageMeter(): UsageMeter {
  let total: Usage = {};
  /** The line under way, or undefined while it is too long to be one. */
  let open: Buffer | undefined = Buffer.alloc(0);
  return {
    add(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const last = chunk.lastIndexOf(LF);
      if (last < 0) {
        open = open && open.length + chunk.length <= LINE_BYTES_MAX ? Buffer.concat([open, chunk]) : undefined;
        return false;
      }
      const first = chunk.indexOf(LF);
      const whole = [
        open ? Buffer.concat([open, chunk.subarray(0, first)]) : Buffer.alloc(0),
        chunk.subarray(first, last),
      ];
      const rest = chunk.subarray(last + 1);
      open = rest.length <= LINE_BYTES_MAX ? Buffer.from(rest) : undefined;
      const lines = whole.filter((part) => part.includes('"usage"')).map((part) => part.toString('utf8'));
      if (lines.length === 0) return false;
      const { usage } = takeUsageLines(lines.join('\n'));
      if (Object.keys(usage).length === 0) return false;
      total = addUsage(total, usage);
      return true;
    },
    total: () => total,
  };
}
