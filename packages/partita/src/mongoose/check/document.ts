/** Documents of Mongoose as plain values, and the parts of them that schemas describe. */
import type { Document, Schema } from 'mongoose'
import type { Steps } from '../../crql/values.js'
import { isPlainObject } from '../../value/value.js'
import { partAt } from '../schema/deleted.js'
import { type PartOption, rulesOf } from '../schema/rules.js'

/** A document, whatever its model. */
export type MongooseDocument = Document<unknown>

/** Values by name. */
export type PlainDocument = Readonly<Record<string, unknown>>

/** A document, or a part of one, with the schema that describes it. */
export interface DocumentPart {
  readonly schema: Schema
  readonly value: PlainDocument
  readonly at: Steps
}

/** The values that a save would store: without virtuals and getters, maps as objects, and ids where documents were populated. */
export function plainDocument(document: MongooseDocument): PlainDocument {
  return document.toObject({
    depopulate: true,
    flattenMaps: true,
    virtuals: false,
    getters: false,
    aliases: false,
    transform: false,
    minimize: false,
  }) as PlainDocument
}

/** A document and all its parts, at any depth. */
export function partsOf(schema: Schema, value: PlainDocument): DocumentPart[] {
  const parts: DocumentPart[] = [{ schema, value, at: [] }]
  for (const { schema, value, at } of parts) {
    for (const part of rulesOf(schema).parts) {
      const names = part.path.split('.')
      parts.push(...partsIn(part, partAt(value, names), [...at, ...names]))
    }
  }
  return parts
}

function partsIn(part: PartOption, value: unknown, at: Steps): DocumentPart[] {
  if (Array.isArray(value)) return value.flatMap((element, index) => partsIn(part, element, [...at, index]))
  if (!isPlainObject(value)) return []
  if (!part.isMap) return [{ schema: schemaFor(part, value), value, at }]
  return Object.entries(value).flatMap(([key, each]) => partsIn({ ...part, isMap: false }, each, [...at, key]))
}

/** The schema of a part: that of the discriminator that its value names, if there is one. */
export function schemaFor({ schemas }: PartOption, value: PlainDocument): Schema {
  const [base, ...others] = schemas as readonly [Schema, ...Schema[]]
  const key = base.get('discriminatorKey')
  const kind = key === undefined ? undefined : value[key]
  const named = others.find(each => {
    const { discriminatorMapping } = each as unknown as { readonly discriminatorMapping?: { readonly value: unknown } }
    return kind !== undefined && String(discriminatorMapping?.value) === String(kind)
  })
  return named ?? base
}
