/** Results of CRQL queries. */
import type { ContextResult } from '../../crql/run.js'
import type { ExplainedHop } from './explanation.js'

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
