/** Models: the description of one kind of rows, checked where it stands. */
import { type Issue, ValidationError } from '../../errors/errors.js'
import { validateInput } from '../write/input.js'
import type { AnyModel, Checked, Model, ModelDefinition } from './definition.js'
import { definitionIssues } from './definition-check.js'

/**
 * Describes one kind of rows. Nothing happens before it is connected.
 *
 * The model is a Standard Schema too: what its `create` takes can be validated by whatever knows the interface.
 *
 * @example
 * const User = model('User', {
 *   fields: { userId: f.ulid().auto(), email: f.email(), createdAt: f.createdAt() },
 *   key: { pk: 'USER#{userId}' },
 *   unique: { email: ['email'] },
 * })
 * @param name begins with a capital letter, so that it never meets what a database offers besides its models.
 * @throws ValidationError listing every mistake of the definition with its place.
 */
export function model<const Name extends string, const Definition extends ModelDefinition>(
  name: Name,
  definition: Definition & Checked<Definition>,
): Model<Name, Definition> {
  const issues: Issue[] = definitionIssues(name, definition)
  if (issues.length > 0) throw new ValidationError(issues)
  const made: AnyModel & { readonly '~standard': unknown } = Object.freeze({
    name,
    definition,
    '~standard': Object.freeze({
      version: 1,
      vendor: 'partita',
      validate: (value: unknown) => validateInput(made, value),
    }),
  })
  return made as unknown as Model<Name, Definition>
}
