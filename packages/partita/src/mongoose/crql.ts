/** Queries over the models of a connection. */
import type { ClientSession, Connection } from 'mongoose'
import { compileQuery } from '../crql/compile.js'
import { type ContextResult, runChain, runDirect } from '../crql/run.js'
import { valuesAt } from '../crql/values.js'
import { type Issue, invalid, ValidationError, valueText } from '../errors/errors.js'
import { type MongooseDocument, plainDocument } from './check/document.js'
import { DocumentLookups } from './check/lookups.js'
import { referencesOf } from './schema/compile.js'
import { type MongooseModel, modelsOf } from './schema/models.js'
import { castTo } from './schema/paths.js'
import { goodiesOptions } from './schema/plugged.js'

/** The most contexts of one query. */
const MAX_CONTEXTS = 10_000

/** The result of a query over documents. */
export interface DocumentQueryOutcome {
  /** One result for each context, in their order. */
  readonly contexts: readonly ContextResult[]
  /** Queries sent to MongoDB: one for each hop with values to look up, or one for every 5,000 values. */
  readonly queries: number
  /** Distinct documents that were found. */
  readonly documentsRead: number
}

/**
 * Runs a CRQL query over the models of a connection. Deleted documents are not found, and middleware does not run.
 *
 * @param contexts for a chain, documents that it starts from; for a direct query, values of which it finds those that
 * documents have. At most 10,000.
 * @throws ValidationError of Partita, with the line and column of what does not fit.
 */
export async function crql(
  connection: Connection,
  text: string,
  contexts: readonly unknown[],
  { session }: { readonly session?: ClientSession } = {},
): Promise<DocumentQueryOutcome> {
  if (!Array.isArray(contexts) || contexts.length > MAX_CONTEXTS) {
    const given = Array.isArray(contexts) ? `a list of ${contexts.length}` : valueText(contexts)
    throw invalid(['contexts'], `is ${given}; pass a list of up to ${MAX_CONTEXTS} documents`)
  }
  const query = compileQuery(modelsOf(connection), text, undefined)
  const lookups = new DocumentLookups(connection, session, [query])
  const documents = lookups.queried()
  const results = await (async (): Promise<ContextResult[]> => {
    if (query.kind === 'direct') {
      const found = await runDirect(query, contexts, (value, leaf) => castTo(value, undefined, leaf), documents)
      return contexts.map(value => {
        const byPath = query.matches.map(
          ({ path }, i) => [path.name, new Set<unknown>(found[i]?.has(value) ? [value] : [])] as const,
        )
        return contextResult(byPath)
      })
    }
    const [first] = query.hops
    const from = contexts.map(context => ({
      values: valuesAt<unknown>(plainContext(context), first?.source.path ?? []).map(({ value }) => value),
      leaf: undefined,
    }))
    return (await runChain(query, from, documents)).map(result =>
      contextResult(
        [...result].map(([path, values]) => [path, new Set([...values.values()].map(({ value }) => value))]),
      ),
    )
  })()
  return { contexts: results, queries: lookups.queries, documentsRead: lookups.documents.size }
}

/**
 * Checks the constraints of all models of a connection that have the plugin. Otherwise the first save of a model checks them.
 *
 * @throws ValidationError of Partita, listing every mistake: unknown models and paths, types that are never equal, and
 * paths that no index finds documents by.
 */
export function checkConstraints(connection: Connection): void {
  const issues: Issue[] = []
  for (const model of Object.values(connection.models) as MongooseModel[]) {
    if (!goodiesOptions(model.schema)) continue
    try {
      referencesOf(model)
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      issues.push(...error.details.issues)
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
}

function contextResult(byPath: readonly (readonly [string, ReadonlySet<unknown>])[]): ContextResult {
  return { all: new Set(byPath.flatMap(([, values]) => [...values])), byPath: new Map(byPath) }
}

function plainContext(context: unknown): object {
  if (typeof context !== 'object' || context === null) return {}
  return '$__' in context && 'toObject' in context ? plainDocument(context as unknown as MongooseDocument) : context
}
