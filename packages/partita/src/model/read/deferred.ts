/** Reads that return at once and whose code is loaded when they begin: iterations and histories. */
import { checkNoArguments } from '../../store/options.js'
import type { AnyModel } from '../define/definition.js'
import { longReads } from '../on-demand.js'
import type { RowContext } from '../rows/rows.js'
import type { History, HistoryEntry, HistoryOptions } from '../types/history.js'
import type { Iteration, IterationOptions, RowBatch } from '../types/iteration.js'
import type { Page } from '../types/query.js'

/** The options of `history`. */
export const HISTORY_OPTIONS: readonly string[] = ['limit', 'after', 'consistent', 'withDeleted']
const ADVICE = 'give options to history, after the key'

/** Implements `iterate`. */
export class DeferredIteration implements Iteration<object> {
  readonly #load: () => Promise<Iteration<object>>

  constructor(context: RowContext, options: IterationOptions<never>) {
    this.#load = async () => new (await longReads.load()).ModelIteration(context, options)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object, void, undefined> {
    yield* await this.#load()
  }

  async *batches(): AsyncGenerator<RowBatch<object>, void, undefined> {
    yield* (await this.#load()).batches()
  }
}

/** Implements `history`. */
export class DeferredHistory implements History<AnyModel> {
  readonly #load: () => Promise<History<AnyModel>>

  constructor(context: RowContext, key: unknown, options: HistoryOptions) {
    this.#load = async () => new (await longReads.load()).RowHistory(context, key, options)
  }

  async page(...given: readonly unknown[]): Promise<Page<HistoryEntry<AnyModel>>> {
    checkNoArguments('page', given, ADVICE, HISTORY_OPTIONS)
    return (await this.#load()).page()
  }

  async all(...given: readonly unknown[]): Promise<HistoryEntry<AnyModel>[]> {
    checkNoArguments('all', given, ADVICE, HISTORY_OPTIONS)
    return (await this.#load()).all()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HistoryEntry<AnyModel>, void, undefined> {
    yield* await this.#load()
  }
}
