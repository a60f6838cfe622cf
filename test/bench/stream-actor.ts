/** Reads one stream as the pulse would, in a process of its own: prints MB/s and how much memory that took beyond what it had. */
import { createReadStream, readFileSync } from 'node:fs';
import { runnerNamed } from '../../src/runners/registry.js';

const [name = '', path = ''] = process.argv.slice(2);
const peakMb = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;

const reader = runnerNamed(name)!.reader({ nowS: 0 });
const before = peakMb();
const from = performance.now();
let bytes = 0;
for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
  bytes += piece.length;
  reader.write(piece);
}
const { ok } = reader.end({ exit: 0, stderrTail: '' });
const seconds = (performance.now() - from) / 1000;
console.log(JSON.stringify({ ok, mbPerS: bytes / 1e6 / seconds, moreMb: peakMb() - before }));
