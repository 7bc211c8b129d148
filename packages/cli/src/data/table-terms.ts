/** Terms on a table without models: keys by the table's definition, other attributes by what the user writes. */
import type { Item, Key, Value } from 'partita'
import type { IndexKeySchema, KeyAttribute, KeyCondition, SortCondition, TableDescription } from 'partita/store'
import { Usage } from '../failure.js'
import { nameOf, parseTerm, quoted, type Term } from './term.js'
import { keyValue, writtenValue } from './untyped-value.js'

/** The key of an item, from `pk=... sk=...`. @throws Usage if an attribute of the key is missing, or another is given. */
export function tableKey({ name, key }: TableDescription, args: readonly string[]): Key {
  const terms = termsByName(args)
  const attributes = [...partitionOf(key), ...sortOf(key)]
  if (terms.size === attributes.length && attributes.every(attribute => terms.has(attribute.name))) {
    return Object.fromEntries(attributes.map(it => [it.name, keyValue(it, terms.get(it.name) as Term)])) as Key
  }
  throw new Usage(`an item of ${name} is named by its key: ${namesOf(attributes)}`)
}

/** A whole item. Attributes that are not part of the key are text, or JSON with a colon: `views:=5`. */
export function tableItem(table: TableDescription, args: readonly string[]): Item {
  const attributes = [...partitionOf(table.key), ...sortOf(table.key)]
  const entries = [...termsByName(args)].map(([name, term]): [string, Value] => {
    const attribute = attributes.find(it => it.name === name)
    return [name, attribute ? keyValue(attribute, term) : writtenValue(term)]
  })
  const missing = attributes.filter(({ name }) => !entries.some(([given]) => given === name))
  if (missing.length > 0) throw new Usage(`an item of ${table.name} needs its key: ${namesOf(missing)}`)
  return Object.fromEntries(entries)
}

/**
 * The key condition of a query of a table or one of its indexes.
 * @throws Usage for an attribute that is not part of the key, and for a range that DynamoDB does not support.
 */
export function tableRange(table: TableDescription, index: string | undefined, args: readonly string[]): KeyCondition {
  const key = index === undefined ? table.key : requireIndex(table, index)
  const terms = args.map(arg => parseTerm(arg, ['=', '>', '>=', '<', '<=', '^=']))
  const known = [...partitionOf(key), ...sortOf(key)]
  const other = terms.find(term => !known.some(({ name }) => name === nameOf(term)))
  if (other) {
    const where = index ?? table.name
    throw new Usage(
      `${quoted(other.path)} is not in the key of ${where}: ${namesOf(known)}; use --where for other attributes`,
    )
  }
  const of = ({ name }: KeyAttribute) => terms.filter(term => nameOf(term) === name)
  const [partition, ...morePartition] = partitionOf(key).map(attribute => {
    const [term, second] = of(attribute)
    if (term?.operator === '=' && !second) return { name: attribute.name, value: keyValue(attribute, term) }
    throw new Usage(`a query needs one value of ${attribute.name}: ${attribute.name}=...`)
  })
  const [sort, ...moreSort] = sortConditions(sortOf(key).map(attribute => ({ attribute, terms: of(attribute) })))
  return {
    partition: partition as KeyCondition['partition'],
    ...(morePartition.length > 0 && { morePartition }),
    ...(sort && { sort }),
    ...(moreSort.length > 0 && { moreSort }),
  }
}

/** The given sort conditions. All before the last are equalities; DynamoDB has no gaps between them. */
function sortConditions(
  sorts: readonly { readonly attribute: KeyAttribute; readonly terms: Term[] }[],
): SortCondition[] {
  const given = sorts.findLastIndex(({ terms }) => terms.length > 0) + 1
  return sorts.slice(0, given).map(({ attribute, terms }, i) => {
    const isEquality = terms.length === 1 && terms[0]?.operator === '='
    if (i === given - 1 || isEquality) return sortCondition(attribute, terms)
    throw new Usage(`${attribute.name} is before another sort attribute, so it needs one value: ${attribute.name}=...`)
  })
}

function sortCondition(attribute: KeyAttribute, terms: readonly Term[]): SortCondition {
  const { name } = attribute
  const [first, second, third] = terms
  const boundOf = (operator: string) => keyValue(attribute, terms.find(term => term.operator === operator) as Term)
  if (first && second && !third) {
    const operators = new Set([first.operator, second.operator])
    if (operators.has('>=') && operators.has('<='))
      return { kind: 'between', name, low: boundOf('>='), high: boundOf('<=') }
  }
  if (!first || second) throw new Usage(`${name} takes one condition, or >= together with <=`)
  const value = keyValue(attribute, first)
  if (first.operator === '^=') return { kind: 'beginsWith', name, prefix: value }
  return { kind: 'compare', name, comparator: first.operator as '=' | '<' | '<=' | '>' | '>=', value }
}

/** The attributes of a position in a table or index: its key and, for an index, that of the table. */
export function keyNames(table: TableDescription, index: string | undefined): readonly string[] {
  const keys = index === undefined ? [table.key] : [requireIndex(table, index), table.key]
  return [...new Set(keys.flatMap(key => [...partitionOf(key), ...sortOf(key)].map(({ name }) => name)))]
}

/** The key of an index. @throws Usage if the table has no index of this name. */
export function requireIndex(
  { name, globalIndexes = {}, localIndexes = {} }: TableDescription,
  index: string,
): IndexKeySchema {
  const all = new Map([...Object.entries(globalIndexes), ...Object.entries(localIndexes)])
  const found = all.get(index)
  if (found) return found
  throw new Usage(`table ${name} has no index ${quoted(index)}; it has ${[...all.keys()].join(', ') || 'no indexes'}`)
}

function termsByName(args: readonly string[]): Map<string, Term> {
  const terms = new Map<string, Term>()
  for (const arg of args) {
    const term = parseTerm(arg, ['='])
    const name = nameOf(term)
    if (terms.has(name)) throw new Usage(`${name} is given twice`)
    terms.set(name, term)
  }
  return terms
}

function partitionOf({ partition, morePartition = [] }: IndexKeySchema): readonly KeyAttribute[] {
  return [partition, ...morePartition]
}

function sortOf({ sort, moreSort = [] }: IndexKeySchema): readonly KeyAttribute[] {
  return sort ? [sort, ...moreSort] : []
}

function namesOf(attributes: readonly KeyAttribute[]): string {
  return attributes.map(({ name }) => `${name}=...`).join(' ')
}
