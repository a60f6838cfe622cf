/** Tables → a fish completion script. Ids come from `tend __complete`. Pure. */
import type { Tables } from './tables.js';

export const fishScript = ({
  next,
  flags,
  sources,
}: Tables): string => `# fish completion of tend, made by "tend completion fish"
function __tend_next
    switch "$argv[1]"
${cases(next)}
    end
end
function __tend_flags
    switch "$argv[1]"
${cases(flags)}
    end
end
function __tend_source
    switch "$argv[1]"
${[...sources].map(([key, source]) => `        case ${quote(key)}\n            echo ${quote(source)}`).join('\n')}
    end
end
function __tend_complete
    set -l cur (commandline -ct)
    set -l line (commandline -opc)
    set -l verb ''
    set -l pending ''
    set -l ended ''
    set -l n 0
    for w in $line[2..-1]
        if test -n "$pending"
            set pending ''
            continue
        end
        if test -z "$ended"
            if test "$w" = --
                set ended 1
                continue
            end
            if string match -q -- '-?*' "$w"
                set -l source (__tend_source "$verb|$w")
                test -n "$source"; and set pending "$w"
                continue
            end
        end
        if test -z "$verb"; and contains -- "$w" _ help
            continue
        end
        if test $n -eq 0; and contains -- "$w" (__tend_next "$verb" | string split -f 1 \\t)
            set verb (string trim -- "$verb $w")
            continue
        end
        set -l source (__tend_source "$verb|$n")
        test "$source" = commands; and set ended 1
        set n (math $n + 1)
    end
    set -l prefix ''
    if test -z "$pending" -a -z "$ended"; and string match -q -- '--*=*' "$cur"
        set pending (string split -m 1 -f 1 = -- "$cur")
        set prefix "$pending="
    end
    set -l source ''
    if test -n "$pending"
        set source (__tend_source "$verb|$pending")
    else if test -z "$ended"; and string match -q -- '-*' "$cur"
        __tend_flags "$verb"
        return
    else
        set source (__tend_source "$verb|$n")
        test $n -eq 0; and __tend_next "$verb"
    end
    switch "$source"
        case '=*'
            string replace -r '^' -- "$prefix" (string split ' ' (string sub -s 2 -- "$source"))
        case '@*'
            for id in (tend __complete (string sub -s 2 -- "$source") 2>/dev/null)
                echo "$prefix$id"
            end
        case files
            __fish_complete_path (string replace -- "$prefix" '' "$cur")
        case commands
            __fish_complete_command
        case ''
            test -n "$ended"; and __fish_complete_path "$cur"
    end
end
complete -c tend -e
complete -c tend -f -a '(__tend_complete)'
`;

/** In single quotes fish knows two escapes. */
const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** Lines \`word<tab>about\`, as fish wants them. */
const cases = (table: ReadonlyMap<string, readonly (readonly [string, string])[]>): string =>
  [...table]
    .map(([key, rows]) => {
      const lines = rows.map(([word, about]) => `            printf '%s\\t%s\\n' ${quote(word)} ${quote(about)}`);
      return `        case ${quote(key)}\n${lines.join('\n')}`;
    })
    .join('\n');
