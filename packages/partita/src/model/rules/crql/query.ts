/** Runs CRQL queries of programs: `db.crql`. */
import type { QueryTarget } from '../../../crql/parse.js'
import { type ContextResult, runChain, runDirect } from '../../../crql/run.js'
import { invalid, valueText } from '../../../errors/errors.js'
import { MAX_DEPTH } from '../../../value/size.js'
import { isSet, type Value } from '../../../value/value.js'
import type { DatabaseContext } from '../../connect/context.js'
import type { ScopeState } from '../../connect/scope.js'
import { codecOf } from '../../define/codec.js'
import type { FieldSpec } from '../../define/field.js'
import type { QueryOutcome } from '../../types/crql.js'
import type { ExplainedHop } from '../../types/explanation.js'
import { compileRowQuery, type RowQuery } from './compile.js'
import { Lookups } from './lookups.js'
import { rowDocuments, type Trace } from './row-documents.js'

/** The most contexts of one query, as the most keys of one `getMany`. */
const MAX_CONTEXTS = 10_000

/** Implements `db.crql`. */
export async function runQuery(
  db: DatabaseContext,
  scope: ScopeState,
  text: unknown,
  contexts: unknown,
): Promise<QueryOutcome> {
  if (!Array.isArray(contexts) || contexts.length > MAX_CONTEXTS) {
    const given = Array.isArray(contexts) ? `a list of ${contexts.length}` : valueText(contexts)
    throw invalid(['contexts'], `is ${given}; pass a list of up to ${MAX_CONTEXTS} documents`)
  }
  const query = compileRowQuery(db.models, text, undefined)
  const lookups = new Lookups({ db, scope })
  const hops: ExplainedHop[] = []
  const trace: Trace = hop => void hops.push(hop)
  const results =
    query.kind === 'direct'
      ? await direct(query, contexts, lookups, trace)
      : await chain(query, contexts, lookups, trace)
  return { contexts: results, queries: lookups.queries, documentsRead: lookups.rows.size, hops }
}

async function direct(
  query: Extract<RowQuery, { kind: 'direct' }>,
  contexts: readonly unknown[],
  lookups: Lookups,
  trace: Trace,
): Promise<ContextResult[]> {
  const found = await runDirect(query, contexts, plain, rowDocuments(lookups, trace))
  return contexts.map(value => {
    const byPath = new Map(
      query.matches.map(({ path }, at) => [path.name, new Set(found[at]?.has(value) ? [value] : [])]),
    )
    return { all: new Set([...byPath.values()].flatMap(values => [...values])), byPath }
  })
}

async function chain(
  query: Extract<RowQuery, { kind: 'chain' }>,
  contexts: readonly unknown[],
  lookups: Lookups,
  trace: Trace,
): Promise<ContextResult[]> {
  const [first] = query.hops
  if (!first) return []
  const { leaf } = first.match.path
  const from = contexts.map(context => {
    const values = valuesIn(context, first.source).map(value => plain(value, leaf))
    return { values: values.filter(value => value !== undefined), leaf }
  })
  return (await runChain(query, from, rowDocuments(lookups, trace))).map(result => {
    const byPath = new Map(
      [...result].map(([path, values]) => [
        path,
        new Set([...values.values()].map(({ value, leaf }) => codecOf(leaf).decode(value))),
      ]),
    )
    return { all: new Set([...byPath.values()].flatMap(values => [...values])), byPath }
  })
}

/** The values at a path of a document in the program's form, through lists and sets. */
function valuesIn(document: unknown, { path }: QueryTarget): unknown[] {
  let values: unknown[] = [document]
  for (const key of path) {
    const parts = typeof key === 'number' ? values : values.flatMap(value => elements(value))
    values = parts.map(value =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as { readonly [name: string]: unknown })[key]
        : undefined,
    )
  }
  return values.flatMap(value => elements(value)).filter(value => value !== undefined && value !== null)
}

function elements(value: unknown, depth = 0): unknown[] {
  // Deeper than any stored value.
  if (depth === MAX_DEPTH) return []
  if (Array.isArray(value)) return value.flatMap(element => elements(element, depth + 1))
  return isSet(value) ? [...value] : [value]
}

/** The stored form of a value; undefined if the field cannot hold it, so that no row has it. */
function plain(value: unknown, spec: FieldSpec): Value | undefined {
  if (value === undefined || value === null) return undefined
  const issues: [] = []
  const stored = codecOf(spec).plain(value, [], issues)
  return issues.length === 0 ? stored : undefined
}
