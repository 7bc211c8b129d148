/** Connects models to a store, or to several: what programs call. */
import type { CheckedModels, Models, ModelsOf } from '../define/definition.js'
import { connection } from '../on-demand.js'
import type { CheckedRules } from '../types/crql-text.js'
import type { Collections, ConnectOptions, Database } from '../types/database.js'
import type { CheckedDatabases, DatabaseIds } from '../types/databases.js'

/**
 * Connects models to one table of a store. Without a store it opens an embedded one in the folder `.partita`, which needs no
 * set-up. The table of an embedded store, and on MongoDB, is created automatically. On DynamoDB set `createTable`, or create
 * the table once. With `databases`, models are in several tables, of one store or several.
 *
 * @example
 * import { connect, f, model } from 'partita'
 *
 * const User = model('User', {
 *   fields: { userId: f.ulid().auto(), name: f.string() },
 *   key: { pk: 'USER#{userId}' },
 * })
 * const db = await connect({ models: { User }, store: 'memory:' })
 * const ada = await db.User.create({ name: 'Ada' })
 * await db.User.update({ userId: ada.userId }, { name: 'Ada L.' })
 * await db.close()
 * @throws ValidationError listing the conflicts between the models: two that could write the same key, relations to missing
 *   models, indexes that the layout does not have. Likewise for every mistake in `databases`, before a store is opened.
 * @throws PartitaError `Incomplete` with `strict`, if rows may lack an index, constraint or iteration that a model has.
 */
export async function connect<
  const All extends ModelsOf<All>,
  const Sets extends Collections = Readonly<Record<never, never>>,
  const Ids extends string = string,
>(
  options: ConnectOptions<All, Sets> &
    DatabaseIds<Ids> &
    CheckedModels<All> &
    CheckedDatabases<All, Ids> &
    CheckedRules<All>,
): Promise<Database<All, Sets>> {
  const { connectModels } = await connection.load()
  return (await connectModels(options as ConnectOptions<Models, Collections>)) as Database<All, Sets>
}
