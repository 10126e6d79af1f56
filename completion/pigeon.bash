# Completion of pigeon's commands and options for bash. What there is, pigeon itself says; nothing of the bash-completion
# package is needed.
_pigeon() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local first='' second='' i
  COMPREPLY=()
  if [ "$before" = --config ]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${COMP_WORDS[i]} in
      --config) ((++i)) ;;
      -* | help) ;;
      *) if [ -z "$first" ]; then first=${COMP_WORDS[i]}; elif [ -z "$second" ]; then second=${COMP_WORDS[i]}; fi ;;
    esac
  done
  local commands choices
  commands=$("${COMP_WORDS[0]}" help 2>/dev/null | sed -n '/^Commands$/,/^$/s/^  \([a-z][a-z-]*\( [a-z][a-z-]*\)\{0,1\}\)\( .*\)\{0,1\}$/\1/p')
  if [[ $word == -* ]]; then
    # shellcheck disable=SC2086
    choices=$("${COMP_WORDS[0]}" help $first $second 2>/dev/null | sed -n 's/^  \(--[a-z][a-z-]*\).*/\1/p')
  elif [ -z "$first" ]; then
    choices=$(sed 's/ .*//' <<<"$commands"; echo help)
  elif [ -z "$second" ]; then
    choices=$(sed -n "s/^$first //p" <<<"$commands")
  fi
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word" | sort -u)
}
complete -F _pigeon pigeon
