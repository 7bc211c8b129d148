/** Connecting models to a store. */
import { invalid } from '../errors.js'
import type { Collections, ConnectOptions, Database } from './database.js'
import type { CheckedModels, Models } from './definition.js'

export async function connect<
  const All extends Models,
  const Sets extends Collections = Readonly<Record<never, never>>,
>(_options: ConnectOptions<All, Sets> & { readonly models: CheckedModels<All> }): Promise<Database<All, Sets>> {
  throw invalid([], 'not yet')
}
