/** Indexes: which documents they hold, and with which keys. */
import type { Document } from 'mongodb'
import { failed } from '../errors.js'
import { compileFilter, type Predicate } from '../query/match.js'
import { equalValues, valueKey } from '../values/compare.js'
import { valuesAt } from '../values/paths.js'

const KNOWN = [
  'name',
  'key',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'v',
  'background',
  'ns',
]

export class Index {
  readonly name: string
  readonly key: Document
  readonly unique: boolean
  readonly #holds: Predicate
  readonly #paths: readonly (readonly string[])[]

  constructor(readonly definition: Document) {
    const unknown = Object.keys(definition).find(name => !KNOWN.includes(name))
    if (unknown !== undefined) throw failed(72, `The field '${unknown}' is not valid for an index specification`)
    this.name = String(definition.name)
    this.key = definition.key
    this.unique = definition.unique === true
    this.#paths = Object.keys(this.key).map(path => path.split('.'))
    const partial = definition.partialFilterExpression
    const filter = partial ? compilePartial(partial) : () => true
    const present: Predicate = document =>
      this.#paths.some(path => [...valuesAt(document, path)].some(value => value !== undefined))
    this.#holds = definition.sparse === true ? document => filter(document) && present(document) : filter
  }

  /**
   * The keys of a document, several if one of the fields is an array.
   * @throws ServerError if two of the fields are arrays
   */
  keys(document: Document): string[] {
    if (!this.#holds(document)) return []
    const fields = this.#paths.map(path => {
      const ends = [...valuesAt(document, path)]
      const values = ends.flatMap(value => (Array.isArray(value) ? value : [value]))
      return { isArray: ends.length !== 1 || Array.isArray(ends[0]), values: values.length > 0 ? values : [undefined] }
    })
    if (fields.filter(({ isArray }) => isArray).length > 1)
      throw failed(171, `cannot index parallel arrays ${Object.keys(this.key).join(', ')}`)
    let keys = ['']
    for (const { values } of fields)
      keys = keys.flatMap(key => values.map(value => `${key}\0${valueKey(value ?? null)}`))
    return [...new Set(keys)]
  }

  /** The values of the fields, for the message of a duplicate key. */
  values(document: Document): Document {
    return Object.fromEntries(this.#paths.map(path => [path.join('.'), [...valuesAt(document, path)][0] ?? null]))
  }

  /** Whether a query is sure to find its documents in the index: its filter repeats what a partial index holds. */
  covers(filter: Document): boolean {
    const wanted = Object.entries(this.definition.partialFilterExpression ?? {})
    const stated = conjuncts(filter)
    return wanted.every(([path, operand]) =>
      conjuncts({ [path]: operand }).every(want =>
        stated.some(one => one.path === want.path && equalValues(one.test, want.test)),
      ),
    )
  }

  /** What makes it another index: of two with one signature, a collection has only one, whatever their names. */
  get signature(): Document {
    const { key, unique = false, sparse = false, partialFilterExpression = {} } = this.definition
    return this.name === '_id_' ? { key } : { key, unique, sparse, partialFilterExpression }
  }

  /** The definition as listIndexes reports it. */
  describe(): Document {
    const { key, name, ns: _, background: __, ...options } = this.definition
    if (name === '_id_') delete options.unique
    return { v: 2, key, name, ...options }
  }
}

/** The single tests of a filter that all must hold. */
function conjuncts(filter: Document): { path: string; test: Document }[] {
  return Object.entries(filter).flatMap(([path, operand]) => {
    if (path === '$and') return (operand as Document[]).flatMap(conjuncts)
    if (typeof operand === 'object' && operand !== null && Object.keys(operand)[0]?.startsWith('$'))
      return Object.entries(operand).map(([operator, argument]) => ({ path, test: { [operator]: argument } }))
    return [{ path, test: { $eq: operand } }]
  })
}

const PARTIAL = new Set(['$eq', '$exists', '$gt', '$gte', '$lt', '$lte', '$type', '$in'])

/** Partial indexes allow a few operators alone. */
function compilePartial(filter: Document): Predicate {
  for (const { test } of conjuncts(filter)) {
    const operator = Object.keys(test)[0] as string
    if (!PARTIAL.has(operator) || (operator === '$exists' && test.$exists === false))
      throw failed(67, `Expression not supported in partial index: ${operator}`)
  }
  return compileFilter(filter)
}
