/** Models: descriptions of one kind of row. */
import { type Issue, ValidationError } from '../../errors/errors.js'
import { connection } from '../on-demand.js'
import type { RulesFor } from '../types/rules.js'
import type { AnyModel, Checked, Model, ModelDefinition } from './definition.js'
import { definitionIssues } from './definition-check.js'
import type { FieldShape } from './field.js'

/**
 * Describes one kind of row. A model does nothing until it is connected.
 *
 * The model is also a Standard Schema, so other libraries can validate the input of its `create`.
 *
 * @example
 * import { f, model } from 'partita'
 *
 * const User = model('User', {
 *   fields: { userId: f.ulid().auto(), email: f.email(), createdAt: f.createdAt() },
 *   key: { pk: 'USER#{userId}' },
 *   unique: { email: ['email'] },
 * })
 * @param name the name of the model. It begins with a capital letter and so cannot collide with the methods of a database.
 * @throws ValidationError listing every mistake of the definition with its path.
 */
export function model<
  const Name extends string,
  const Definition extends ModelDefinition,
  const Fields extends FieldShape = Definition['fields'],
>(
  name: Name,
  definition: { readonly fields: Fields; readonly rules?: RulesFor<Fields> } & Definition & Checked<Definition>,
): Model<Name, Definition> {
  const issues: Issue[] = definitionIssues(name, definition)
  if (issues.length > 0) throw new ValidationError(issues)
  const made: AnyModel & { readonly '~standard': unknown } = Object.freeze({
    name,
    definition,
    '~standard': Object.freeze({
      version: 1,
      vendor: 'partita',
      validate: async (value: unknown) => (await connection.load()).validateInput(made, value),
    }),
  })
  return made as unknown as Model<Name, Definition>
}
