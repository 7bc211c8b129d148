/** Parses document paths as users write them. */
import { invalid } from '../../errors/errors.js'
import type { Path } from '../ast.js'
import { checkPath } from '../validate/operators.js'

/** Characters that make a text more than one plain name. */
const SPECIAL = /[.[\\]/
const INDEX = /\[(0|[1-9]\d*)\]/y
const ESCAPABLE = '.[\\$'

/**
 * Parses a path: dots separate names, `[n]` is a list index, and a backslash escapes a dot, a bracket, a dollar sign or
 * another backslash. An array is taken as a path without parsing.
 *
 * @example
 * import { parsePath } from 'partita/store'
 *
 * parsePath('address.lines[0]') // ['address', 'lines', 0]
 * parsePath('file\\.txt') // ['file.txt']
 * @throws ValidationError with the position of the error.
 */
export function parsePath(input: string | Path): Path {
  const path = typeof input === 'string' ? parseText(input) : ([...input] as [string, ...(string | number)[]])
  checkPath(path)
  return Object.freeze(path)
}

function parseText(text: string): [string, ...(string | number)[]] {
  if (!SPECIAL.test(text)) return [text]
  const [first, end] = readName(text, 0)
  const path: [string, ...(string | number)[]] = [first]
  let at = end
  while (at < text.length) {
    if (text[at] === '[') {
      INDEX.lastIndex = at
      const index = INDEX.exec(text)
      if (!index) throw pathError(text, at, 'expected an index such as [0]; write \\[ for a bracket in a name')
      path.push(Number(index[1]))
      at = INDEX.lastIndex
    } else if (text[at] === '.') {
      const [name, next] = readName(text, at + 1)
      path.push(name)
      at = next
    } else throw pathError(text, at, 'expected a dot, a bracket or the end')
  }
  return path
}

/** Reads the name at an offset. Returns the name and its end. */
function readName(text: string, start: number): [string, number] {
  let name = ''
  let at = start
  for (; at < text.length && text[at] !== '.' && text[at] !== '['; at++) {
    if (text[at] === '\\') {
      at++
      if (!ESCAPABLE.includes(text[at] ?? ' ')) throw pathError(text, at, 'a backslash must be followed by . [ $ or \\')
    }
    name += text[at]
  }
  if (name === '') throw pathError(text, start, 'expected a name')
  return [name, at]
}

function pathError(text: string, position: number, message: string): Error {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text
  return invalid([], `${JSON.stringify(shown)} is not a path: ${message} (at position ${position})`)
}
