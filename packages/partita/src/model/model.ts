/** Models: the description of one kind of rows. */
import type { Checked, Model, ModelDefinition } from './definition.js'

export function model<const Name extends string, const Definition extends ModelDefinition>(
  name: Name,
  definition: Definition & Checked<Definition>,
): Model<Name, Definition> {
  return { name, definition } as unknown as Model<Name, Definition>
}
