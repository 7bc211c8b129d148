/** Makes the classes of models. */
import { invalid } from '../errors/errors.js'
import type { Models, ModelsOf } from '../model/define/definition.js'
import { ActiveRecord } from './active-record.js'
import { CLASS_MODEL, ClassModel, modelOf } from './class-model.js'
import type { ActiveRecordClass, AnyActiveRecordClass } from './class-types.js'
import { groupOf } from './group.js'
import { shapeOf } from './shape.js'
import { CLASS_METHODS } from './statics.js'

/** Options of a class. */
export interface ClassOptions {
  /** Names under which the primary key can be queried like an index. The name `key` always is one. */
  readonly keyNames?: readonly string[]
  /** `required`: every call needs a tenant, as with `tenancy.enabled` in the configuration. Default `optional`. */
  readonly tenancy?: 'optional' | 'required'
}

/**
 * Makes the class of a model, which a program's own class extends. Classes of the same object of models are connected
 * together, and their records find each other.
 *
 * @example
 * import { f, model } from 'partita'
 * import { activeRecord, initModels, registerModel } from 'partita/active-record'
 *
 * const models = {
 *   User: model('User', { fields: { userId: f.ulid().auto(), name: f.string() }, key: 'userId' }),
 * }
 * class User extends activeRecord(models, 'User') {
 *   get initial() {
 *     return this.name[0]
 *   }
 * }
 * registerModel(User)
 *
 * const manager = initModels({ store: 'memory:', models: { User } })
 * const ada = await new User({ name: 'Ada' }).save()
 * const found = await User.find(ada.userId)
 * if (!found.exists() || found.initial !== 'A') throw new Error('The record is wrong')
 * await manager.close()
 * @throws ValidationError for a model that is missing, or with a field that is named like a method of records.
 */
export function activeRecord<const All extends ModelsOf<All>, const Name extends keyof All & string>(
  models: All,
  name: Name,
  { keyNames = [], tenancy = 'optional' }: ClassOptions = {},
): ActiveRecordClass<All[Name]> {
  const shape = shapeOf(models as Models, name, keyNames)
  const method = [...shape.fields.keys()].find(field => field in ActiveRecord.prototype)
  if (method !== undefined) {
    throw invalid(
      [name, 'fields', method],
      'is the name of a method of records; rename the field, with attribute() to keep its data',
    )
  }
  const group = groupOf(models as Models)
  class Base extends ActiveRecord {
    static readonly [CLASS_MODEL] = new ClassModel(group, shape)
  }
  Object.defineProperty(Base, 'name', { value: name })
  Object.assign(Base, CLASS_METHODS)
  const made = Base as unknown as AnyActiveRecordClass
  if (tenancy === 'required') group.requireTenant()
  if (!group.has(name)) group.setClass(name, made)
  return made as unknown as ActiveRecordClass<All[Name]>
}

/**
 * Makes a class the one of its model: related records and `initModels` use it.
 * @returns the class.
 */
export function registerModel<Made extends new (...parameters: never[]) => object>(made: Made): Made {
  const { group, shape } = modelOf(made)
  group.setClass(shape.name, made as unknown as AnyActiveRecordClass)
  return made
}
