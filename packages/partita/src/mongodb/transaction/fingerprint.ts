/** A digest of a transaction's writes, to find out whether a token is used for other writes. */
import { createHash, type Hash } from 'node:crypto'
import { canonicalNumber, numberText } from '../../value/number.js'
import { isLarge, isNumber, isSet, type Value } from '../../value/value.js'
import type { TableWrite } from './write.js'

/** Returns a digest that is equal for equal writes only: it distinguishes all types of values. */
export function fingerprintOf(writes: readonly TableWrite[]): string {
  const hash = createHash('sha256')
  const digests = new Map<unknown, string>()
  for (const { request } of writes) {
    const { signal: _signal, deadline: _deadline, ...content } = request
    add(hash, content, digests)
  }
  return hash.digest('base64')
}

/** Adds the type, the length and the content of a value, so that no two values add the same bytes. */
function add(hash: Hash, value: unknown, digests: Map<unknown, string>): void {
  if (value === undefined || value === null || typeof value === 'boolean') hash.update(`${value};`)
  else if (typeof value === 'string') addText(hash, 's', value)
  else if (isNumber(value as Value)) addText(hash, 'n', numberText(canonicalNumber(value as number)))
  else if (value instanceof Uint8Array) {
    hash.update(`b${value.length};`)
    hash.update(value)
  } else if (isSet(value as Value)) addSet(hash, value as ReadonlySet<Value>, digests)
  else if (Array.isArray(value)) {
    hash.update(`a${value.length};`)
    for (const element of value) addShared(hash, element, digests)
  } else {
    const entries = Object.entries(value as object).filter(([, member]) => member !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    hash.update(`o${entries.length};`)
    for (const [name, member] of entries) {
      addText(hash, 'k', name)
      addShared(hash, member, digests)
    }
  }
}

/** A short expression can use one large value many times, so the digest of a large value is kept. */
function addShared(hash: Hash, value: unknown, digests: Map<unknown, string>): void {
  if (!isLarge(value as Value)) {
    add(hash, value, digests)
    return
  }
  let digest = digests.get(value)
  if (digest === undefined) {
    const own = createHash('sha256')
    add(own, value, digests)
    digest = `d${own.digest('base64')};`
    digests.set(value, digest)
  }
  hash.update(digest)
}

/** The members of a set have no order. */
function addSet(hash: Hash, set: ReadonlySet<Value>, digests: Map<unknown, string>): void {
  const members = [...set].map(member => {
    const own = createHash('sha256')
    add(own, member, digests)
    return own.digest('base64')
  })
  hash.update(`m${members.length};${members.sort().join()}`)
}

function addText(hash: Hash, type: string, text: string): void {
  hash.update(`${type}${text.length};`)
  hash.update(text)
}
