/** Compares a table with the definition that it should have. */
import type { IndexDefinition, KeyAttribute, TableChange, TableDefinition, TableDescription } from 'partita/store'

/** One difference between a table and its definition. */
export interface TableDifference {
  /** `missing` in the table, `extra` in the table, or `changed`. */
  readonly kind: 'missing' | 'extra' | 'changed'
  /** `table`, `key`, `timeToLive`, or the name of an index. */
  readonly part: string
  readonly message: string
  /** Whether `partita table create` can add what is missing. */
  readonly canBeAdded: boolean
}

/** All differences; empty if the table is as the definition says. */
export function tableDifferences(wanted: TableDefinition, found: TableDescription | undefined): TableDifference[] {
  if (!found) return [{ kind: 'missing', part: 'table', message: `there is no table ${wanted.name}`, canBeAdded: true }]
  return [...keyDifferences(wanted, found), ...indexDifferences(wanted, found), ...expiryDifferences(wanted, found)]
}

/** The change that adds what can be added; undefined if there is nothing to add. */
export function additionsOf(wanted: TableDefinition, differences: readonly TableDifference[]): TableChange | undefined {
  const parts = new Set(differences.filter(({ canBeAdded }) => canBeAdded).map(({ part }) => part))
  const createIndexes = Object.fromEntries(
    Object.entries(wanted.globalIndexes ?? {}).filter(([name]) => parts.has(indexPart(name))),
  )
  const change: TableChange = {
    ...(Object.keys(createIndexes).length > 0 && { createIndexes }),
    ...(parts.has('timeToLive') && { timeToLive: wanted.timeToLive as string }),
  }
  return Object.keys(change).length > 0 ? change : undefined
}

function keyDifferences(wanted: TableDefinition, found: TableDescription): TableDifference[] {
  if (keyText(wanted.key) === keyText(found.key)) return []
  const message = `the key is ${keyText(found.key)} and not ${keyText(wanted.key)}; a key cannot be changed`
  return [{ kind: 'changed', part: 'key', message, canBeAdded: false }]
}

function indexDifferences(wanted: TableDefinition, found: TableDescription): TableDifference[] {
  const [before, after] = [{ ...found.globalIndexes, ...found.localIndexes }, wanted.globalIndexes ?? {}]
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((name): TableDifference[] => {
    const [there, needed] = [own(before, name), own(after, name)]
    const part = indexPart(name)
    if (!there && needed) {
      return [{ kind: 'missing', part, message: `there is no index ${name} on ${indexText(needed)}`, canBeAdded: true }]
    }
    if (there && !needed) {
      const message = `the index ${name} on ${indexText(there)} is not in the definition`
      return [{ kind: 'extra', part, message, canBeAdded: false }]
    }
    const [is, should] = [indexText(there as IndexDefinition), indexText(needed as IndexDefinition)]
    if (is === should) return []
    return [{ kind: 'changed', part, message: `the index ${name} is on ${is} and not on ${should}`, canBeAdded: false }]
  })
}

function expiryDifferences({ timeToLive: wanted }: TableDefinition, { timeToLive: is }: TableDescription) {
  if (wanted === is) return []
  const part = 'timeToLive'
  const texts = [is, wanted].map(attribute => (attribute === undefined ? 'off' : `on ${attribute}`))
  const message = `time to live is ${texts[0]} and not ${texts[1]}`
  const kind = is === undefined ? 'missing' : wanted === undefined ? 'extra' : 'changed'
  return [{ kind, part, message, canBeAdded: kind === 'missing' } as const]
}

/** An index may have the name of another part. */
function indexPart(name: string): string {
  return `index ${name}`
}

function own<T>(members: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined
}

/** A key as text: `pk (S), sk (S)`. */
export function keyText({ partition, sort, ...more }: IndexDefinition): string {
  const { morePartition = [], moreSort = [] } = more
  const attributes: readonly KeyAttribute[] = [partition, ...morePartition, ...(sort ? [sort, ...moreSort] : [])]
  return attributes.map(({ name, type }) => `${name} (${type})`).join(', ')
}

/** An index as text: its key, and which attributes it holds. */
export function indexText(index: IndexDefinition): string {
  const { projection = 'all' } = index
  const holds =
    projection === 'all'
      ? 'all attributes'
      : projection === 'keysOnly'
        ? 'keys only'
        : [...projection.include].sort().join(', ')
  return `${keyText(index)}, holding ${holds}`
}
