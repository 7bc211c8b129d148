/** What active records need to know of a model: its fields, keys, indexes and constraints, by name. */
import { invalid } from '../errors/errors.js'
import type { AnyModel, Models } from '../model/define/definition.js'
import { keyTemplates, uniqueFields } from '../model/define/definition-check.js'
import type { FieldSpec } from '../model/define/field.js'
import { fieldNames, parseTemplate, type TemplatePart } from '../model/define/template.js'

/** The fields of a key, in the order of its templates. */
export interface KeyShape {
  /** The name that queries of the model take: `key` for the table itself. */
  readonly name: string
  readonly partition: readonly string[]
  readonly sort: readonly string[]
}

/** A model as active records see it. */
export interface ModelShape {
  readonly name: string
  readonly fields: ReadonlyMap<string, FieldSpec>
  readonly key: KeyShape
  /** The key fields, each once. */
  readonly keyFields: readonly string[]
  /** The indexes, with other names of the primary key. */
  readonly indexes: ReadonlyMap<string, KeyShape>
  /** The fields of the unique constraints, by name. */
  readonly unique: ReadonlyMap<string, readonly string[]>
}

/**
 * Reads the shape of a model.
 * @param keyNames names under which the primary key can be queried like an index.
 */
export function shapeOf(models: Models, name: string, keyNames: readonly string[] = []): ModelShape {
  const model = Object.hasOwn(models, name) ? models[name] : undefined
  if (!model) throw invalid([name], `is not a model of this program; it has ${Object.keys(models).join(', ')}`)
  return modelShape(model, keyNames)
}

function modelShape({ name, definition }: AnyModel, keyNames: readonly string[]): ModelShape {
  const { fields, indexes = {}, unique = {} } = definition
  const key = keyShape('key', keyTemplates(name, definition))
  return {
    name,
    fields: new Map(Object.entries(fields).map(([field, { spec }]) => [field, spec])),
    key,
    keyFields: [...new Set([...key.partition, ...key.sort])],
    indexes: new Map([
      ...Object.entries(indexes).map(([index, of]) => [index, keyShape(index, of)] as const),
      ...['key', ...keyNames].map(alias => [alias, key] as const),
    ]),
    unique: new Map(Object.entries(unique).map(([constraint, of]) => [constraint, uniqueFields(of)])),
  }
}

function keyShape(name: string, { pk, sk }: { readonly pk: string; readonly sk?: string | undefined }): KeyShape {
  return { name, partition: fieldsIn(pk), sort: sk === undefined ? [] : fieldsIn(sk) }
}

function fieldsIn(template: string): string[] {
  return fieldNames(parseTemplate(template) as readonly TemplatePart[])
}
