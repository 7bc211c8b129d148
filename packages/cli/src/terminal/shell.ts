/** Command lines to be copied from the terminal into a POSIX shell. */
import { hasControls } from './controls.js'

/** Letters, digits and marks that no shell gives a meaning to. */
const PLAIN = /^[\w@%+:,./-]+$/

/** A command as one line: options as `--name=value`, and `--` before arguments that would look like options. */
export function commandLine(
  words: readonly string[],
  args: readonly string[],
  options: Readonly<Record<string, string | number | true | undefined>> = {},
): string {
  const flags = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return []
    return value === true ? [`--${name}`] : [`--${name}=${quote(String(value))}`]
  })
  const separator = args.some(arg => arg.startsWith('-') && arg !== '-') ? ['--'] : []
  return [...words, ...flags, ...separator, ...args.map(quote)].join(' ')
}

/** The text as one word. Single quotes hide everything but themselves; `$'...'` also shows control characters safely. */
function quote(text: string): string {
  if (PLAIN.test(text)) return text
  if (!hasControls(text)) return `'${text.replaceAll("'", "'\\''")}'`
  const escaped = [...text].map(character => {
    if (character === "'" || character === '\\') return `\\${character}`
    return hasControls(character) ? octal(character) : character
  })
  return `$'${escaped.join('')}'`
}

/** Octal has three digits at most in every shell; hexadecimal runs on in some. */
function octal(character: string): string {
  return [...Buffer.from(character)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
