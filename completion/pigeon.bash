# Completion of pigeon's commands and flags for bash; plain bash, nothing of the bash-completion package is called.
_pigeon() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' sub='' choices='' i
  COMPREPLY=()
  if [ "$before" = --config ]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${COMP_WORDS[i]} in
      --config) ((++i)) ;;
      -*) ;;
      *) if [ -z "$command" ]; then command=${COMP_WORDS[i]}; else sub=${COMP_WORDS[i]}; fi ;;
    esac
  done
  case $command/$sub in
    /) choices='status config pdu quarantine' ;;
    config/) choices='check' ;;
    pdu/) choices='decode encode' ;;
    quarantine/) choices='list show' ;;
  esac
  case $word in -*) choices='--config --json --help --version' ;; esac
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word")
}
complete -F _pigeon pigeon
