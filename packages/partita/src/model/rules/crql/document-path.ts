/** Paths of queries resolved against a model: which stored names they lead to, through lists and sets at any depth. */
import type { ValuePath } from '../../../crql/compile.js'
import type { QueryPath } from '../../../crql/parse.js'
import { withArticle } from '../../../errors/errors.js'
import type { Value } from '../../../value/value.js'
import type { CompiledModel } from '../../compile/compiled-model.js'
import { codecOf } from '../../define/codec.js'
import type { FieldSpec } from '../../define/field.js'
import { unknownName } from '../../define/input-issues.js'
import { UNKNOWN } from '../../write/field-path.js'

/** A resolved path: its stored names, and the description of the values at its end. */
export type DocumentPath = ValuePath<FieldSpec>

/** Resolves a path below a list of parts: a model's fields, or the fields of a map. A text says what is wrong. */
export function resolvePath(model: CompiledModel, path: QueryPath): DocumentPath | string {
  const [first, ...rest] = keyAlias(model, path)
  const field = typeof first === 'string' ? model.byName.get(first) : undefined
  if (!field) return `${String(first)} ${model.unknownField(String(first), 0)}`
  const below = resolveBelow(field.spec, rest)
  if (typeof below === 'string') return below
  return { name: path.join('.'), steps: [field.attribute, ...below.steps], leaf: below.leaf, field: field.name }
}

/** Resolves the rest of a path inside a value. */
export function resolveBelow(
  spec: FieldSpec,
  path: QueryPath,
): { readonly steps: readonly (string | number)[]; readonly leaf: FieldSpec } | string {
  const steps: (string | number)[] = []
  let at = spec
  for (const key of path) {
    if (typeof key !== 'number') at = elementOf(at)
    if (at.transform) return `${String(key)} is inside a value that is stored in another form`
    if (typeof key === 'number') {
      if (at.kind !== 'list' && at.kind !== 'json' && at.kind !== 'schema') return `${key} is an index, but of no list`
      at = at.element ?? UNKNOWN
      steps.push(key)
    } else if (at.kind === 'map') {
      const part = Object.hasOwn(at.shape ?? {}, key) ? at.shape?.[key] : undefined
      if (!part) return `${key} ${unknownName(key, Object.keys(at.shape ?? {}), 0, 'there')}`
      steps.push(part.attribute ?? key)
      at = part
    } else if (at.kind === 'record') {
      steps.push(key)
      at = at.element ?? UNKNOWN
    } else if (at.kind === 'json' || at.kind === 'schema') {
      steps.push(key)
      at = UNKNOWN
    } else return `${key} is inside ${withArticle(at.kind)}, which has no parts`
  }
  return { steps, leaf: elementOf(at) }
}

/** `_id` is the key of a model with one key field, unless it has a field of that name. */
function keyAlias(model: CompiledModel, path: QueryPath): QueryPath {
  const [only, second] = model.keyFields
  if (path[0] !== '_id' || model.byName.has('_id') || !only || second) return path
  return [only.name, ...path.slice(1)]
}

/** The description of an element, through lists of lists. */
function elementOf(spec: FieldSpec): FieldSpec {
  let at = spec
  while ((at.kind === 'list' || at.kind === 'set') && at.element && !at.transform) at = at.element
  return at
}

/**
 * A stored value of one field in the stored form of another, so that they can be compared; undefined if the other cannot
 * hold it.
 */
export function convert(value: Value, from: FieldSpec, to: FieldSpec): Value | undefined {
  if (from === to) return value
  try {
    const issues: [] = []
    const converted = codecOf(to).plain(from === UNKNOWN ? value : codecOf(from).decode(value), [], issues)
    return issues.length === 0 ? converted : undefined
  } catch {
    // A stored value that its own field cannot read equals nothing.
    return undefined
  }
}

/** Whether values of two fields can ever be equal. */
export function areComparable(a: FieldSpec, b: FieldSpec): boolean {
  const [left, right] = [groupOf(a), groupOf(b)]
  return left === undefined || right === undefined || left === right
}

/** Fields of one group have comparable values; undefined if values of any group are possible. */
function groupOf({ kind, transform }: FieldSpec): string | undefined {
  if (transform || kind === 'json' || kind === 'schema') return undefined
  switch (kind) {
    case 'string':
    case 'ulid':
    case 'uuid':
    case 'email':
    case 'url':
    case 'enum':
    case 'ref':
      return 'text'
    case 'number':
    case 'integer':
    case 'bigint':
    case 'decimal':
    case 'counter':
    case 'version':
    case 'count':
      return 'number'
    case 'date':
    case 'createdAt':
    case 'updatedAt':
    case 'deletedAt':
    case 'ttl':
      return 'time'
    default:
      return kind
  }
}
