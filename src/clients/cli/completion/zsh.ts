/** Tables → a zsh completion function, to be put into fpath as `_tend`. Ids come from `tend __complete`. Pure. */
import { shellQuote } from '../../../lib/shell-quote.js';
import type { Tables } from './tables.js';

export const zshScript = ({ next, flags, sources }: Tables): string => `#compdef tend
# zsh completion of tend, made by "tend completion zsh"
_tend_next() {
  case $1 in
${cases(next)}
    (*) reply=() ;;
  esac
}
_tend_flags() {
  case $1 in
${cases(flags)}
    (*) reply=() ;;
  esac
}
_tend_source() {
  case $1 in
${[...sources].map(([key, source]) => `    (${shellQuote(key)}) REPLY=${shellQuote(source)} ;;`).join('\n')}
    (*) REPLY= ;;
  esac
}
_tend() {
  local cur=$words[CURRENT] verb= pending= ended= source= w REPLY
  local -i n=0 i
  local -a reply found
  for ((i = 2; i < CURRENT; i++)); do
    w=$words[i]
    if [[ -n $pending ]]; then pending=; continue; fi
    if [[ -z $ended && $w == -- ]]; then ended=1; continue; fi
    if [[ -z $ended && $w == -?* ]]; then
      _tend_source "$verb|$w"
      [[ -n $REPLY ]] && pending=$w
      continue
    fi
    [[ -z $verb && ( $w == _ || $w == help ) ]] && continue
    _tend_next "$verb"
    if (( n == 0 )) && [[ -n \${(M)reply:#$w:*} ]]; then verb="\${verb:+$verb }$w"; continue; fi
    _tend_source "$verb|$n"
    [[ $REPLY == commands ]] && ended=1
    n+=1
  done
  if [[ -z $pending && -z $ended && $cur == --*=* ]]; then
    pending=\${cur%%=*}
    compset -P '*='
  fi
  if [[ -n $pending ]]; then
    _tend_source "$verb|$pending"; source=$REPLY
  elif [[ -z $ended && $cur == -* ]]; then
    _tend_flags "$verb"; _describe -o flag reply; return
  else
    _tend_source "$verb|$n"; source=$REPLY
    if (( n == 0 )); then _tend_next "$verb"; (( $#reply )) && _describe verb reply; fi
  fi
  case $source in
    ('='*) found=(\${(s: :)\${source#=}}); compadd -a found ;;
    ('@'*) found=(\${(f)"$(tend __complete \${source#@} 2>/dev/null)"}); compadd -a found ;;
    (files) _files ;;
    (commands) _command_names -e ;;
    ('') [[ -n $ended ]] && _files ;;
  esac
}
if [[ $funcstack[1] == _tend ]]; then _tend "$@"; else compdef _tend tend; fi
`;

/** Rows are \`word:about\`, as _describe wants them. */
const cases = (table: ReadonlyMap<string, readonly (readonly [string, string])[]>): string =>
  [...table]
    .map(([key, rows]) => {
      const words = rows.map(([word, about]) => shellQuote(`${word}:${about}`)).join(' ');
      return `    (${shellQuote(key)}) reply=(${words}) ;;`;
    })
    .join('\n');
