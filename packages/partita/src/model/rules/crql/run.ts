/**
 * Runs compiled queries. All contexts share the reads, but each has a result of its own: a value reached from one document
 * never counts for another.
 */
import type { Item, Value } from '../../../value/value.js'
import type { FieldSpec } from '../../define/field.js'
import type { ExplainedHop } from '../../types/explanation.js'
import { valueIdentity } from '../value-identity.js'
import type { CompiledQuery } from './compile.js'
import { convert, type DocumentPath, valuesAt } from './document-path.js'
import type { RowFinder, Values } from './lookups.js'

/** The values of one target in one context, in the stored form of the target's field. */
export type ContextValues = readonly Value[]

/** A value at the end of a query, in its stored form. */
interface QueryValue {
  readonly value: Value
  readonly spec: FieldSpec
}

/** What a chain finds for one context: by the name of each path, the values by identity. */
export type ChainResult = ReadonlyMap<string, ReadonlyMap<string, QueryValue>>

/** Receives the hops of a query as they run. */
export type Trace = (hop: ExplainedHop) => void

type Chain = Extract<CompiledQuery, { kind: 'chain' }>

/**
 * Runs a chain.
 * @param from the values that the first hop starts from, for each context, with their description.
 */
export async function runChain(
  { hops, paths }: Chain,
  from: readonly { readonly values: ContextValues; readonly spec: FieldSpec }[],
  lookups: RowFinder,
  trace?: Trace,
): Promise<ChainResult[]> {
  let rows: (readonly Item[])[] = []
  for (const [i, { target, match }] of hops.entries()) {
    const wanted: Values[] = from.map((context, at) => {
      if (i === 0) return converted(context.values, context.spec, match.path)
      const { steps, leaf } = target as DocumentPath
      const values = (rows[at] as readonly Item[]).flatMap(row => valuesAt(row, steps).map(({ value }) => value))
      return converted(values, leaf, match.path)
    })
    const union = new Map(wanted.flatMap(values => [...values]))
    const found: ReadonlyMap<string, readonly Item[]> =
      union.size === 0
        ? new Map<string, readonly Item[]>()
        : await lookups.find(match, union, { isGuarded: target?.leaf.guard, trace })
    rows = wanted.map(values => [...new Set([...values.keys()].flatMap(id => found.get(id) ?? []))])
  }
  return rows.map(
    reached =>
      new Map(
        paths.map(path => {
          const values = reached.flatMap(row => valuesAt(row, path.steps).map(({ value }) => value))
          return [path.name, new Map(values.map(value => [valueIdentity(value), { value, spec: path.leaf }]))]
        }),
      ),
  )
}

/**
 * Runs a direct query: which of the values rows have at each of its paths.
 * @param convertTo gives a value in the stored form of a path's field; undefined if the field cannot hold it.
 * @returns for each path, the values that were found.
 */
export function runDirect<Given>(
  { matches }: Extract<CompiledQuery, { kind: 'direct' }>,
  values: readonly Given[],
  convertTo: (value: Given, leaf: FieldSpec) => Value | undefined,
  lookups: RowFinder,
  trace?: Trace,
): Promise<ReadonlySet<Given>[]> {
  return Promise.all(
    matches.map(async (match, i) => {
      const wanted = new Map<string, Value>()
      const ids = values.map(value => {
        const stored = convertTo(value, match.path.leaf)
        if (stored === undefined) return undefined
        const id = valueIdentity(stored)
        wanted.set(id, stored)
        return id
      })
      if (wanted.size === 0) return new Set<Given>()
      const found = await lookups.find(match, wanted, { counts: i === 0, trace })
      return new Set(values.filter((_, at) => (found.get(ids[at] ?? '') ?? []).length > 0))
    }),
  )
}

function converted(values: readonly Value[], spec: FieldSpec, { leaf }: DocumentPath): Values {
  const all = new Map<string, Value>()
  for (const value of values) {
    const other = convert(value, spec, leaf)
    if (other !== undefined) all.set(valueIdentity(other), other)
  }
  return all
}
