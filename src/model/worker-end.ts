/** The end of a worker in words, for every sentence that tells of it. Pure; it loads no schema, since screens say it. */

/** How a worker that does not live came to that, as the end of a sentence that begins with it: `has exited`, `was killed`. `state` is that of its view. */
export function endWords(state: string | undefined): string {
  switch (state) {
    case 'killed':
      return 'was killed';
    case 'exited':
    case 'failed':
      return `has ${state}`;
    default:
      return 'has not started yet';
  }
}
