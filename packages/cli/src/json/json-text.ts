/** Facts about a JSON text that a parsed value does not show: where strings end, and which members `JSON.parse` drops. */
import { BadInput } from '../failure.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const MEMBER = /\s*:/y

/** The offset after the closing quote of the string that starts here, or the end of the text if it is not closed. */
export function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    at += code === BACKSLASH ? 2 : 1
  }
  return text.length
}

/**
 * Rejects objects with two members of one name, of which `JSON.parse` silently keeps the last.
 * @param text a JSON text. @param parsed what `JSON.parse` makes of it.
 * @throws BadInput that names the member.
 */
export function checkMembers(text: string, parsed: unknown): void {
  // Each member has one colon outside strings, so the counts differ if a member was dropped.
  if (countColons(text) === countMembers(parsed)) return
  const name = JSON.stringify(repeatedName(text))
  throw new BadInput(`one object of this JSON has two members ${name}; remove one of them`)
}

function countColons(text: string): number {
  let colons = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = stringEnd(text, at)
    else {
      if (code === COLON) colons++
      at++
    }
  }
  return colons
}

/** Not recursive, because the depth of the text has no limit. */
function countMembers(parsed: unknown): number {
  let members = 0
  const rest: unknown[] = [parsed]
  while (rest.length > 0) {
    const value = rest.pop()
    if (typeof value !== 'object' || value === null) continue
    const inner: unknown[] = Object.values(value)
    if (!Array.isArray(value)) members += inner.length
    for (const element of inner) if (typeof element === 'object') rest.push(element)
  }
  return members
}

function repeatedName(text: string): string | undefined {
  /** The names in each open object; undefined for an open list. */
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; ) {
    const character = text[at] as string
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(undefined)
    else if (character === '}' || character === ']') open.pop()
    if (character !== '"') {
      at++
      continue
    }
    const end = stringEnd(text, at)
    MEMBER.lastIndex = end
    if (MEMBER.test(text)) {
      const name: string = JSON.parse(text.slice(at, end))
      if (open.at(-1)?.has(name)) return name
      open.at(-1)?.add(name)
    }
    at = end
  }
  return undefined
}
