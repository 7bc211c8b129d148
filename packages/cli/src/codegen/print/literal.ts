/** Prints values as JavaScript. Text of a file never reaches the code unquoted. */
import type { PlainValue } from '../../yaml/model-set.js'

/**
 * Text as a string literal. Line separators of Unicode are escaped, as tools disagree on whether they end a line; characters
 * that change the direction of text, which would show other code than there is; and `${`, which linters suspect.
 */
export function textLiteral(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029\u0085\p{Bidi_Control}]|\$(?=\{)/gu, character => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** The name of a property: as it is if it is an identifier, else quoted. `__proto__` would set the prototype. */
export function propertyName(name: string): string {
  if (name === '__proto__') return '["__proto__"]'
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : textLiteral(name)
}

/** A list or an object that is JSON, or a part of one. */
export function plainLiteral(value: PlainValue): string {
  if (typeof value === 'string') return textLiteral(value)
  if (typeof value !== 'object' || value === null) return numberOrWord(value)
  if (Array.isArray(value)) return `[${(value as readonly PlainValue[]).map(plainLiteral).join(', ')}]`
  return objectLiteral(Object.entries(value).map(([name, it]) => [name, plainLiteral(it)]))
}

/** An object of printed values. */
export function objectLiteral(members: readonly (readonly [name: string, code: string])[]): string {
  return members.length === 0
    ? '{}'
    : `{ ${members.map(([name, code]) => `${propertyName(name)}: ${code}`).join(', ')} }`
}

/** A number, true, false or null. */
export function numberOrWord(value: number | boolean | null): string {
  return Object.is(value, -0) ? '0' : String(value)
}

/** A regular expression. */
export function patternLiteral(source: string, flags: string): string {
  return `/${source}/${flags}`
}

/** A comment before a declaration or a member, with the text of a description; empty without one. */
export function docComment(text: string | undefined): string {
  if (text === undefined || text.trim() === '') return ''
  const lines = text
    .trim()
    .split(/\r\n|[\n\r\u2028\u2029\u0085]/)
    .map(line =>
      line
        .replace(/[\p{Cc}\p{Bidi_Control}]/gu, ' ')
        .replaceAll('*/', '*\\/')
        .trimEnd(),
    )
  if (lines.length === 1) return `/** ${lines[0]} */\n`
  return `/**\n${lines.map(line => ` * ${line}`.trimEnd()).join('\n')}\n */\n`
}
