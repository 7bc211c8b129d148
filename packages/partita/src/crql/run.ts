/**
 * Runs compiled queries. All contexts share the reads, but each has a result of its own: a value reached from one document
 * never counts for another.
 */
import type { CompiledQuery, ValuePath } from './compile.js'

/** What a query finds for one context, in the program's form. */
export interface ContextResult {
  /** All values, of all paths. */
  readonly all: ReadonlySet<unknown>
  /** The values of each path of the last step, by the path as the query names it. */
  readonly byPath: ReadonlyMap<string, ReadonlySet<unknown>>
}

/** Values by identity: equal values have one identity. */
export type ValuesById<Value> = ReadonlyMap<string, Value>

/** How documents of one kind are read, compared and found. */
export interface QuerySource<Document, Value, Leaf, Match> {
  /** The values at a path of a document. */
  read(document: Document, path: ValuePath<Leaf>): Value[]
  /** A value of one field in the form of another, so that they can be compared; undefined if the other cannot hold it. */
  convert(value: Value, from: Leaf, to: Leaf): Value | undefined
  /** A text that is the same for equal values. */
  identity(value: Value): string
  /** The documents that have one of the values, by the identity of the value. */
  find(match: Match, values: ValuesById<Value>, search: Search<Leaf>): Promise<ReadonlyMap<string, readonly Document[]>>
}

/** What a lookup is for. */
export interface Search<Leaf> {
  /** The field that the values are from, if it is known. */
  readonly source?: Leaf | undefined
  /** Whether it is a query of its own; the further paths of a direct query are not. */
  readonly counts: boolean
}

/** The values that the first hop starts from, in one context, with the description of their field. */
export interface ContextStart<Value, Leaf> {
  readonly values: readonly Value[]
  readonly leaf: Leaf
}

/** A value at the end of a query, with the description of its field. */
interface ReachedValue<Value, Leaf> {
  readonly value: Value
  readonly leaf: Leaf
}

/** What a chain finds for one context: by the name of each path, the values by identity. */
export type ChainResult<Value, Leaf> = ReadonlyMap<string, ReadonlyMap<string, ReachedValue<Value, Leaf>>>

/** Anything that finds documents by a path. */
interface Matching<Leaf> {
  readonly path: ValuePath<Leaf>
}

/** Runs a chain from the given contexts. */
export async function runChain<Document, Value, Leaf, Match extends Matching<Leaf>>(
  { hops, paths }: Extract<CompiledQuery<Leaf, Match>, { kind: 'chain' }>,
  from: readonly ContextStart<Value, Leaf>[],
  documents: QuerySource<Document, Value, Leaf, Match>,
): Promise<ChainResult<Value, Leaf>[]> {
  let reached: (readonly Document[])[] = []
  for (const [i, { target, match }] of hops.entries()) {
    const wanted = from.map((context, at) => {
      if (i === 0 || !target) return converted(documents, context.values, context.leaf, match.path)
      const values = (reached[at] as readonly Document[]).flatMap(document => documents.read(document, target))
      return converted(documents, values, target.leaf, match.path)
    })
    const union = new Map(wanted.flatMap(values => [...values]))
    const found: ReadonlyMap<string, readonly Document[]> =
      union.size === 0
        ? new Map<string, readonly Document[]>()
        : await documents.find(match, union, { source: target?.leaf, counts: true })
    reached = wanted.map(values => [...new Set([...values.keys()].flatMap(id => found.get(id) ?? []))])
  }
  return reached.map(
    each =>
      new Map(
        paths.map(path => {
          const values = each.flatMap(document => documents.read(document, path))
          return [path.name, new Map(values.map(value => [documents.identity(value), { value, leaf: path.leaf }]))]
        }),
      ),
  )
}

/**
 * Runs a direct query: which of the values documents have at each of its paths.
 * @param convertTo gives a value in the form of a path's field; undefined if the field cannot hold it.
 * @returns for each path, the values that were found.
 */
export function runDirect<Given, Document, Value, Leaf, Match extends Matching<Leaf>>(
  { matches }: Extract<CompiledQuery<Leaf, Match>, { kind: 'direct' }>,
  values: readonly Given[],
  convertTo: (value: Given, leaf: Leaf) => Value | undefined,
  documents: QuerySource<Document, Value, Leaf, Match>,
): Promise<ReadonlySet<Given>[]> {
  return Promise.all(
    matches.map(async (match, i) => {
      const wanted = new Map<string, Value>()
      const ids = values.map(value => {
        const converted = convertTo(value, match.path.leaf)
        if (converted === undefined) return undefined
        const id = documents.identity(converted)
        wanted.set(id, converted)
        return id
      })
      if (wanted.size === 0) return new Set<Given>()
      const found = await documents.find(match, wanted, { counts: i === 0 })
      return new Set(values.filter((_, at) => (found.get(ids[at] ?? '') ?? []).length > 0))
    }),
  )
}

function converted<Document, Value, Leaf, Match>(
  documents: QuerySource<Document, Value, Leaf, Match>,
  values: readonly Value[],
  from: Leaf,
  { leaf }: ValuePath<Leaf>,
): ValuesById<Value> {
  const all = new Map<string, Value>()
  for (const value of values) {
    const other = documents.convert(value, from, leaf)
    if (other !== undefined) all.set(documents.identity(other), other)
  }
  return all
}
