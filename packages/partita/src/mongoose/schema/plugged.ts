/** The schemas that have the plugin. */
import type { Schema } from 'mongoose'
import type { GoodiesOptions } from '../options.js'

/** Under this name a schema keeps the options, so that Mongoose's clones of the schema have them too. */
const KEPT = 'goodiesOptions'

/** Keeps the options of the plugin in a schema. */
export function keepOptions(schema: Schema, options: GoodiesOptions): void {
  schema.set(KEPT as 'strict', options as never)
}

/** The options of the plugin; undefined for a schema without it. */
export function goodiesOptions(schema: Schema): GoodiesOptions | undefined {
  return schema.get(KEPT as 'strict') as GoodiesOptions | undefined
}
