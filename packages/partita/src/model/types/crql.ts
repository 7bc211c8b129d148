/** Results of CRQL queries. */
import type { ExplainedHop } from './explanation.js'

/** What a query finds for one context, in the program's form. */
export interface ContextResult {
  /** All values, of all paths. */
  readonly all: ReadonlySet<unknown>
  /** The values of each path of the last step, by the path as the query names it. */
  readonly byPath: ReadonlyMap<string, ReadonlySet<unknown>>
}

/** The result of a CRQL query. */
export interface QueryOutcome {
  /** One result for each context, in their order. */
  readonly contexts: readonly ContextResult[]
  /** Batches of reads: one for each hop with values to look up. */
  readonly queries: number
  /** Distinct rows that were found. */
  readonly documentsRead: number
  /** The hops up to the first with nothing to look up. A direct query has one for each of its paths. */
  readonly hops: readonly ExplainedHop[]
}
