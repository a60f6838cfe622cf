/** Tables → a bash completion script. It needs bash 3.2 and nothing else; ids come from `tend __complete`. Pure. */
import { shellQuote } from '../../../lib/shell-quote.js';
import type { Tables } from './tables.js';

export const bashScript = ({
  next,
  flags,
  sources,
}: Tables): string => `# bash completion of tend, made by "tend completion bash"
_tend_next() {
  case $1 in
${cases(next, words)}
    *) REPLY= ;;
  esac
}
_tend_flags() {
  case $1 in
${cases(flags, words)}
    *) REPLY= ;;
  esac
}
_tend_source() {
  case $1 in
${cases(sources, (source) => source)}
    *) REPLY= ;;
  esac
}
_tend() {
  local cur=\${COMP_WORDS[COMP_CWORD]} verb= pending= ended= n=0 i w
  COMPREPLY=()
  # bash makes "=" a word of its own: "--flag=value" is three words.
  [[ $cur == '=' ]] && cur=
  for ((i = 1; i < COMP_CWORD; i++)); do
    w=\${COMP_WORDS[i]}
    [[ $w == '=' ]] && continue
    if [[ -n $pending ]]; then pending=; continue; fi
    if [[ -z $ended && $w == -- ]]; then ended=1; continue; fi
    if [[ -z $ended && $w == -?* ]]; then
      _tend_source "$verb|$w"
      [[ -n $REPLY ]] && pending=$w
      continue
    fi
    [[ -z $verb && ( $w == _ || $w == help ) ]] && continue
    _tend_next "$verb"
    if [[ $n == 0 && " $REPLY " == *" $w "* ]]; then verb="\${verb:+$verb }$w"; continue; fi
    _tend_source "$verb|$n"
    [[ $REPLY == commands ]] && ended=1
    n=$((n + 1))
  done
  local words= source=
  if [[ -n $pending ]]; then
    _tend_source "$verb|$pending"; source=$REPLY
  elif [[ -z $ended && $cur == -* ]]; then
    _tend_flags "$verb"; words=$REPLY
  else
    _tend_source "$verb|$n"; source=$REPLY
    if [[ $n == 0 ]]; then _tend_next "$verb"; words=$REPLY; fi
  fi
  case $source in
    =*) words="$words \${source#=}" ;;
    @*) words="$words $(tend __complete "\${source#@}" 2>/dev/null)" ;;
    commands) COMPREPLY=($(compgen -c -- "$cur")) ;;
  esac
  COMPREPLY+=($(compgen -W "$words" -- "$cur"))
  if [[ $source == files || ( -z $source && -n $ended ) ]]; then
    # A name may hold spaces; "filenames" has bash quote it. Older ones do not know compopt.
    local IFS=$'\n'
    COMPREPLY+=($(compgen -f -- "$cur"))
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _tend tend
`;

const words = (rows: readonly (readonly [string, string])[]): string => rows.map(([word]) => word).join(' ');

const cases = <T>(table: ReadonlyMap<string, T>, text: (value: T) => string): string =>
  [...table].map(([key, value]) => `    ${shellQuote(key)}) REPLY=${shellQuote(text(value))} ;;`).join('\n');
