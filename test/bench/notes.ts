/** What a number that was missed is made of, from a profile, and what would move it. Printed below the table while it is missed. */
export const NOTES: Record<string, string> = {
  L3: `Promises to the disk: a claim is a name that is published, with its file and its directory synced, and the machine's other load waits for the same disk. One process alone claims all in
1.9 to 2.2 s; eight that begin at different places share the disk's commits, which is why whoever loses a claim goes on elsewhere in its list.`,
  L4: `Promises to the disk, and work of our own. The claim before the start and the result after it are synced: their contents, and the names in their directory; with the directory of a new slot and every
fifth state 5.4 calls, of which 4.4 make the disk work, 0.3 ms to 1 ms each on a quiet one. On a data dir in memory, where a sync costs nothing, the ratio is 2.0: a command that does nothing is over in 2 ms, and
the claim, two looks at it, the lease, the result, the cursor and the row take as long. So a command of 60 ms is within the reach, and one of 2 ms is not. The lease, the mark, the row and the removals are not
waited for. What would move it: one commit for the claims of several loops.`,
  A1: `Promises to the disk, and starts of processes: in a profile of the pulse under load two thirds of its main thread are \`fsync\` and \`spawn\`. Up to the decision a beat of this
profile makes 19 \`fsync\`, 1 to 5 ms each on this disk under load: the snapshot of the spend (2), the prompt (2), the reservation (1), the memory with the attempt (2), what the run printed (2), its
settlement (1), the memory with what is about to be done (2), intent, outcome, journal and the end of the intent (6), the row of the run (1). Five starts (four sensors and the CLI) are
4 to 8 ms each, because \`fork\` copies the page tables of 60 MB; the look at the process table for what a run left behind is 3 to 7 ms. No timer is waited for. What would move it:
a noop that needs no intent, and a name that is synced with the next record of its directory; both are steps that the crash tests name.`,
  P2: `Waiting for a core. The median is a few milliseconds, of which the kernel's event is 0.1; the tail is other tasks' turns: all 50 waiters
wake at every answer, each for the time it takes to see that the name is not its own, and the rest of the machine's load comes on top. In
another run on the same two cores, also under load, p99 was 14.4 ms. What would move it: a directory of its own for each asker's answer, which
would change the format.`,
  P3: `Waiting for a core. The median is some 10 ms, the start of a shell included; the tail is the turns of other tasks before the pulse, the
sensor's shell and the bench itself each get theirs. In another run, also under load, p95 was 83 ms.`,
  P4: `Node's own \`spawn\`. 50 of them, of programs that do nothing, take 41 ms on the main thread of a bare Node process, as long as
the whole baseline with its 50 shells; with \`bash\` as the program and two pipes each it is 58 ms, 1.4 ×. perf names \`copy_page_range\` and
\`unmap_page_range\`: \`fork\` copies the page tables of a process of 50 MB, and libuv then waits until the child has reached its \`exec\`,
one child after the other, while \`xargs\` is small and does not wait. In a profile of the sensing process 90 of 115 ms are inside
\`spawn\`; the rest is reading 50 scripts and 50 readings, pipes, garbage, and one look at the process table. What would move it: a small
launcher that forks in our place. One in bash, measured on its own, took 67 ms at best, the baseline 70. It was left out, because it cannot tell an exit code of
143 from a signal or a program that is missing from one that ends with 127, has no pipe of its own for each sensor, needs a bash of 5.1,
and can be killed by any sensor (\`kill $PPID\`): each is a promise of sensing that it would break. A libuv that starts children without
copying page tables would do it too. Under load the ratio is
larger than that floor; the likely reason is that each of 50 starts waits for its turn on a core before the next begins.`,
  P7: `Opening 10,000 goals. The hash of the world covers each goal's text, and people edit goals in place, so each file is looked at:
open, read and close of 10,000 small files are 70 ms of processor time in bare Node 20 (100 ms with an fstat, which is left out), where an empty \`state\` is 85 ms in all. A
\`stat\` of each alone would be 47 ms, so hashes kept under name, time, size and inode would save a quarter of it, and only where a pulse has kept them. Beside it, from a profile under load and so only about:
listing 40,000 names 25 ms, hashing twice 10 ms, garbage 30 ms, the mailbox 10 ms. The 10,000 answered asks are found by name and not opened, the 100,000 runs are not touched. What would move it: archiving
goals that are done.`,
};
