/** Projections: the fields that a result keeps, or all but some. */
import type { Document } from 'mongodb'
import { failed } from '../errors.js'
import { isDocument } from '../values/compare.js'
import { isNumber, toDouble } from '../values/numbers.js'
import { setField } from '../values/paths.js'

/** The fields of a projection by name: `true` for the whole field, or the fields inside it. */
type Tree = Map<string, Tree | true>

/** Compiles a projection of plain paths. */
export function compileProjection(projection: Document | undefined): (document: Document) => Document {
  const entries = Object.entries(projection ?? {})
  if (entries.length === 0) return document => document
  const included = entries.filter(([, value]) => isKept(value)).map(([name]) => name)
  const excluded = entries.filter(([, value]) => !isKept(value)).map(([name]) => name)
  if (included.length > 0 && excluded.some(name => name !== '_id'))
    throw failed(9, 'Cannot do exclusion in inclusion projection')
  if (included.length === 0) return document => without(document, tree(excluded)) as Document
  const kept = excluded.includes('_id') ? included : ['_id', ...included]
  return document => only(document, tree(kept)) as Document
}

function isKept(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (isNumber(value)) return toDouble(value) !== 0
  throw failed(9, 'This server projects fields, and no expressions')
}

function tree(names: readonly string[]): Tree {
  const root: Tree = new Map()
  for (const name of names) {
    const parts = name.split('.')
    let node = root
    for (const [i, part] of parts.entries()) {
      const inner = node.get(part)
      if (inner === true) break
      if (i === parts.length - 1) node.set(part, true)
      else {
        const next = inner ?? new Map()
        node.set(part, next)
        node = next
      }
    }
  }
  return root
}

/** Arrays are projected element by element; values that are no documents are left out of them. */
function only(value: unknown, fields: Tree): unknown {
  if (Array.isArray(value))
    return value.filter(one => isDocument(one) || Array.isArray(one)).map(one => only(one, fields))
  const kept: Document = {}
  for (const [name, inner] of Object.entries(value as Document)) {
    const wanted = fields.get(name)
    if (wanted === true) setField(kept, name, inner)
    else if (wanted && (isDocument(inner) || Array.isArray(inner))) setField(kept, name, only(inner, wanted))
  }
  return kept
}

function without(value: unknown, fields: Tree): unknown {
  if (Array.isArray(value)) return value.map(one => without(one, fields))
  if (!isDocument(value)) return value
  const kept: Document = {}
  for (const [name, inner] of Object.entries(value)) {
    const dropped = fields.get(name)
    if (dropped !== true) setField(kept, name, dropped ? without(inner, dropped) : inner)
  }
  return kept
}
