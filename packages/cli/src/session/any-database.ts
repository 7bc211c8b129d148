/** A database whose models are known only when the command runs. */
import type { Explanation, Iteration, Page, ReindexOptions, ReindexResult, Scope } from 'partita'

/** Fields by name: a row, a key, an input or changes of any model. */
export type AnyRow = Readonly<Record<string, unknown>>

/** A query of any model. */
export interface AnyQuery extends AsyncIterable<AnyRow> {
  page(): Promise<Page<AnyRow>>
  all(): Promise<AnyRow[]>
  first(): Promise<AnyRow | undefined>
  count(): Promise<number>
  explain(): Promise<Explanation>
}

/** The rows of any model: the repository of the library, with fields that are checked when a method is called. */
export interface AnyRepository {
  create(input: AnyRow, options?: AnyRow): Promise<AnyRow>
  put(input: AnyRow, options?: AnyRow): Promise<AnyRow>
  get(key: AnyRow, options?: AnyRow): Promise<AnyRow | undefined>
  getMany(keys: readonly AnyRow[], options?: AnyRow): Promise<(AnyRow | undefined)[]>
  findBy(values: AnyRow, options?: AnyRow): Promise<AnyRow | undefined>
  update(key: AnyRow, changes: AnyRow, options?: AnyRow): Promise<AnyRow>
  delete(key: AnyRow, options?: AnyRow): Promise<AnyRow | undefined>
  restore(key: AnyRow): Promise<AnyRow>
  purge(key: AnyRow): Promise<AnyRow>
  readonly query: Readonly<Record<string, (key: AnyRow, options?: AnyRow) => AnyQuery>>
  iterate(options?: AnyRow): Iteration<AnyRow>
  reindex(options?: ReindexOptions): Promise<ReindexResult>
}

/** The operations of a database, without its models. {@link repositoryOf} returns the rows of a model. */
export type AnyDatabase = Scope<Readonly<Record<never, never>>, Readonly<Record<never, never>>>

/** The rows of a model of the database. The name must be that of a connected model. */
export function repositoryOf(db: AnyDatabase, model: string): AnyRepository {
  return (db as unknown as Readonly<Record<string, AnyRepository>>)[model] as AnyRepository
}
