/** Scripts that complete command lines in shells. They are written once for all commands and call nothing. */
import type { CommandNode } from './command-tree.js'

/** The shells that have a script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** A shell that has a script. */
export type Shell = (typeof SHELLS)[number]

/** The script for a shell. @param root the whole program. */
export function completionScript(shell: Shell, root: CommandNode): string {
  const commands = flatten(root)
  if (shell === 'bash') return bash(root, commands)
  return shell === 'zsh' ? zsh(root, commands) : fish(root, commands)
}

function flatten(command: CommandNode): CommandNode[] {
  return [command, ...command.children.flatMap(flatten)]
}

/** Patterns of `case` for a command followed by one of its subcommands. */
function steps(commands: readonly CommandNode[]): string {
  return commands
    .slice(1)
    .map(({ path }) => `'${path}'`)
    .join(' | ')
}

/** The options that a value follows, in any command. */
function valueOptions(commands: readonly CommandNode[]): string[] {
  const all = commands.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue).map(({ long }) => long))
  return [...new Set(all)].sort()
}

function bash(root: CommandNode, commands: readonly CommandNode[]): string {
  const cases = commands.map(({ path, children, options }) => {
    const words = children.map(({ name }) => name).join(' ')
    return `    '${path}') words='${words}' options='${options.map(({ long }) => long).join(' ')}' ;;`
  })
  return `# Completion of ${root.name} for bash. Load it with: source <(${root.name} completion bash)
_${root.name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" where='${root.name}' words='' options='' before='' i word
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$before" in ${valueOptions(commands).join(' | ')}) before='' && continue ;; esac
    before="\${COMP_WORDS[i]}"
    case "$where $before" in ${steps(commands)}) where="$where $before" ;; esac
  done
  COMPREPLY=()
  # Values of options, and arguments, are files or names that only the user knows.
  case "$before" in ${valueOptions(commands).join(' | ')}) return ;; esac
  case "$where" in
${cases.join('\n')}
  esac
  if [[ "$current" == -* ]]; then words="$options"; fi
  while IFS='' read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
}
complete -o default -F _${root.name} ${root.name}
`
}

function zsh(root: CommandNode, commands: readonly CommandNode[]): string {
  const cases = commands.map(({ path, children, options }) => {
    const names = children.map(({ name, summary }) => `'${name}:${zshText(summary)}'`)
    const flags = options.map(({ long, summary }) => `'${long}:${zshText(summary)}'`)
    return `    '${path}')\n      commands=(${names.join(' ')})\n      options=(${flags.join(' ')})\n      ;;`
  })
  return `#compdef ${root.name}
# Completion of ${root.name} for zsh. Write it to a file _${root.name} in a folder of $fpath.
_${root.name}() {
  local where='${root.name}' before='' i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    case "$before" in (${valueOptions(commands).join('|')}) before='' && continue ;; esac
    before="\${words[i]}"
    case "$where $before" in (${steps(commands).replaceAll(' | ', '|')}) where="$where $before" ;; esac
  done
  case "$before" in (${valueOptions(commands).join('|')}) _files && return ;; esac
  case "$where" in
${cases.join('\n').replaceAll(/^ {4}'/gm, "    ('")}
  esac
  if [[ "$PREFIX" == -* ]]; then
    _describe -o 'option' options
  elif (( $#commands )); then
    _describe 'command' commands
  else
    _files
  fi
}
if [[ "$funcstack[1]" == _${root.name} ]]; then _${root.name} "$@"; else compdef _${root.name} ${root.name}; fi
`
}

function fish(root: CommandNode, commands: readonly CommandNode[]): string {
  const values = valueOptions(commands).join(' ')
  const paths = commands.slice(1).map(({ path }) => `'${path}'`)
  const lines = commands.flatMap(({ path, children, options }) => {
    const here = `-n 'test (__${root.name}_where) = "${path}"'`
    return [
      ...children.map(
        ({ name, summary }) => `complete -c ${root.name} -f ${here} -a ${name} -d '${fishText(summary)}'`,
      ),
      ...options.map(({ long, takesValue, summary }) => {
        const value = takesValue ? ' -r' : ''
        return `complete -c ${root.name} ${here} -l ${long.slice(2)}${value} -d '${fishText(summary)}'`
      }),
    ]
  })
  return `# Completion of ${root.name} for fish. Write it to ~/.config/fish/completions/${root.name}.fish
function __${root.name}_where
  set -l where ${root.name}
  set -l before ''
  for word in (commandline -opc)[2..]
    if contains -- $before ${values}
      set before ''
      continue
    end
    set before $word
    if contains -- "$where $word" ${paths.join(' ')}
      set where "$where $word"
    end
  end
  echo $where
end
${lines.join('\n')}
`
}

/** A description within single quotes; a colon would end the name before it. */
function zshText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(':', '\\:').replaceAll("'", "'\\''")
}

function fishText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
