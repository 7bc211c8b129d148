/** Validates the input of a model that is used as a Standard Schema. */
import { ValidationError } from '../../errors/errors.js'
import { CompiledModel } from '../compile/compiled-model.js'
import { physicalTable } from '../compile/layout.js'
import type { AnyModel } from '../define/definition.js'
import type { StandardResult } from '../define/standard-schema.js'
import { encodeRow } from './input.js'

/** For models used as Standard Schemas without a table. */
const schemas = new WeakMap<AnyModel, CompiledModel>()

/** Validates input for a model used as a Standard Schema. Returns the input itself if a create would accept it. */
export async function validateInput(model: AnyModel, input: unknown): Promise<StandardResult<unknown>> {
  const compiled = schemas.get(model) ?? new CompiledModel(model, physicalTable('unnamed'))
  schemas.set(model, compiled)
  try {
    await encodeRow(compiled, input, { now: Date.now, ulid: () => '0'.repeat(26) })
    return { value: input }
  } catch (error) {
    if (error instanceof ValidationError) return { issues: error.details.issues }
    throw error
  }
}
