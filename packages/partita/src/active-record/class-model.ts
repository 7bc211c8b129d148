/** What a class knows of its model. */
import { invalid } from '../errors/errors.js'
import type { FieldSpec } from '../model/define/field.js'
import type { Group } from './group.js'
import type { FieldValues } from './record-fields.js'
import type { ModelShape } from './shape.js'
import { specOf } from './values.js'

/** The model of a class. */
export class ClassModel {
  readonly group: Group
  readonly shape: ModelShape

  constructor(group: Group, shape: ModelShape) {
    this.group = group
    this.shape = shape
  }

  /** Sets the properties of a new record: what the program gives, ids that are generated, and defaults. */
  fill(data: FieldValues, record: FieldValues): void {
    const { fields, name: model } = this.shape
    for (const name of Object.keys(data)) specOf(fields, model, name)
    for (const [name, spec] of fields) {
      const given = Object.hasOwn(data, name) ? data[name] : undefined
      const value = given === undefined ? this.#initial(spec) : given
      if (value !== undefined) record[name] = value
    }
  }

  /** A default that is an object is left to the create, so that records never share one. */
  #initial({ kind, auto, fallback }: FieldSpec): unknown {
    if (auto) return kind === 'uuid' ? globalThis.crypto.randomUUID() : this.group.ulid()
    if (typeof fallback === 'function') return fallback()
    return typeof fallback === 'object' ? undefined : fallback
  }
}

/** The property of a class that holds its model; classes derived from it inherit it. */
export const CLASS_MODEL: unique symbol = Symbol('model')

/** The model of a class. @throws ValidationError for a class that was not made by `activeRecord`. */
export function modelOf(made: unknown): ClassModel {
  const model = (made as { readonly [CLASS_MODEL]?: ClassModel } | undefined)?.[CLASS_MODEL]
  if (!model) throw invalid([], 'A class of records extends activeRecord(models, name)')
  return model
}
