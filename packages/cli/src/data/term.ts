/** Parses terms: the arguments of the data commands that name a field and a value, such as `createdAt>=2026-01-01`. */
import { parsePath } from 'partita/store'
import { Usage } from '../failure.js'

/** What a term states of its field: comparisons, `~` for contains, `^=` for begins with; `+=` and `-=` change it. */
export type TermOperator = '=' | '!=' | '>' | '>=' | '<' | '<=' | '~' | '!~' | '^=' | '+=' | '-='

/** A parsed term. */
export interface Term {
  /** The name of the field, or the path of a part of it, as `parsePath` of `partita/store` reads it. */
  readonly path: string
  readonly operator: TermOperator
  /** The value as the user wrote it. */
  readonly text: string
  /** Whether the value is JSON whatever its field is: there is a colon before the operator. */
  readonly isJson: boolean
}

/** Longer ones come first, so that `>=` is not read as `>`. */
const OPERATORS: readonly TermOperator[] = ['!=', '>=', '<=', '^=', '!~', '+=', '-=', '=', '>', '<', '~']
const QUOTED = /^"(?:[^"\\]|\\.)*"/
/** Characters of a path that have a meaning of their own. */
const SPECIAL = /[.[\\$]/g

/** Whether an argument is a term, rather than the name of a model or index. */
export function isTerm(argument: string): boolean {
  return parts(argument) !== undefined
}

/**
 * Parses one term. A name in double quotes, as a JSON string, can contain every character.
 * @param allowed the operators that the command takes here.
 * @throws Usage if it is not a term, or has another operator.
 */
export function parseTerm(argument: string, allowed: readonly TermOperator[]): Term {
  const term = parts(argument)
  if (!term) throw new Usage(`${quoted(argument)} has no value; write it as name=value`)
  if (allowed.includes(term.operator)) return term
  throw new Usage(`${quoted(argument)} has the operator ${term.operator}; here it can be ${allowed.join(' ')}`)
}

function parts(argument: string): Term | undefined {
  const name = QUOTED.exec(argument)?.[0]
  if (name === undefined && argument.startsWith('"')) return undefined
  // A name has at least one character, so an operator at the beginning is a part of it.
  for (let at = name?.length ?? 1; at < argument.length; at++) {
    const isJson = argument[at] === ':'
    const start = isJson ? at + 1 : at
    const operator = OPERATORS.find(it => argument.startsWith(it, start))
    if (operator) {
      const path = name === undefined ? argument.slice(0, at) : unquoted(name)
      return path === undefined ? undefined : { path, operator, text: argument.slice(start + operator.length), isJson }
    }
    if (name !== undefined) return undefined
  }
  return undefined
}

/** The name of the whole field or attribute that a term names. @throws Usage for a part of one, such as `address.city`. */
export function nameOf({ path }: Term): string {
  const [name, ...rest] = parsePath(path)
  if (rest.length === 0) return name
  throw new Usage(`${quoted(path)} is a part of ${quoted(name)}; here only a whole value can be given`)
}

/** The path of an attribute with this name, which may contain dots and brackets. */
function unquoted(name: string): string | undefined {
  try {
    return String(JSON.parse(name)).replace(SPECIAL, '\\$&')
  } catch {
    return undefined
  }
}

/** A text of the user in an error message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)
}
