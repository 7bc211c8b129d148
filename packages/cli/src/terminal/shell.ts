/** Formats command lines that the user can copy into a POSIX shell. */
import { hasControls } from './controls.js'

/** Letters, digits and punctuation without a special meaning in any shell. */
const PLAIN = /^[\w@%+:,./-]+$/

/** The value of an option: undefined if it is not given, a list if it is given several times. */
export type FlagValue = string | number | true | undefined | readonly string[]

/**
 * A command as one line: options as `--name=value`, once for each value of a list, and `--` before arguments that would
 * look like options.
 */
export function commandLine(
  words: readonly string[],
  args: readonly string[],
  options: Readonly<Record<string, FlagValue>> = {},
): string {
  const flags = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (value === true) return [`--${name}`]
    const values = typeof value === 'object' ? value : [value]
    return values.map(each => `--${name}=${quote(String(each))}`)
  })
  const separator = args.some(arg => arg.startsWith('-') && arg !== '-') ? ['--'] : []
  return [...words, ...flags, ...separator, ...args.map(quote)].join(' ')
}

/**
 * Quotes the text as one word. Single quotes quote everything but themselves; `$'...'` also escapes control characters.
 */
function quote(text: string): string {
  if (PLAIN.test(text)) return text
  if (!hasControls(text)) return `'${text.replaceAll("'", "'\\''")}'`
  const escaped = [...text].map(character => {
    if (character === "'" || character === '\\') return `\\${character}`
    return hasControls(character) ? octal(character) : character
  })
  return `$'${escaped.join('')}'`
}

/** Octal escapes have at most three digits in every shell; in some, hexadecimal escapes have no limit. */
function octal(character: string): string {
  return [...Buffer.from(character)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
