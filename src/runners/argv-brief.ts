/**
 * The brief of a worker as one argument, for screens that take it no other way; it goes between double quotes. Linux limits an
 * argument to 128 KiB: of a longer brief the agent is told the file.
 */
export const ARGV_BRIEF =
  '$([ $(wc -c <{{prompt_file}}) -lt 130000 ] && cat {{prompt_file}} || ' +
  'echo Your task stands in the file {{prompt_file}}: read all of it and do it.)';
