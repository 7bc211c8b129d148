/** Seeds of models in JSON: objects such as `{"model": "User", "row": {"userId": "u1", "name": "Ada"}}`. */
import { type AnyModel, PartitaError } from 'partita'
import { nearest } from 'partita/store'
import { BadInput, BadLine } from '../failure.js'
import { isJsonObject, parseJson } from '../json/exact-json.js'
import type { Line } from '../json/json-lines.js'
import { type FieldValues, keyFieldsOf, rowOf } from './model-fields.js'

/** A row of a seed. */
export interface SeedRow {
  readonly model: string
  readonly tenant: string | undefined
  readonly row: FieldValues
  /** Whether the row names its key, so that a row that exists already is recognised by it. */
  readonly hasKey: boolean
}

const MEMBERS = ['model', 'tenant', 'row']

/** Reads one line. @throws BadLine with what is wrong. */
export function seedRow({ text, number }: Line, models: Readonly<Record<string, AnyModel>>): SeedRow {
  try {
    return parse(text, models)
  } catch (error) {
    throw refused(number, error)
  }
}

/** The error of a line that cannot be used; errors that are no answer to its content are returned unchanged. */
export function refused(line: number, error: unknown): unknown {
  if (error instanceof Problem) return new BadLine(line, error.message)
  const isAnswer = error instanceof PartitaError || error instanceof BadInput
  return isAnswer ? new BadLine(line, `is refused: ${(error as Error).message}`, error) : error
}

/** What is wrong with a line. */
class Problem extends Error {}

function parse(text: string, models: Readonly<Record<string, AnyModel>>): SeedRow {
  const json = parseJson(text)
  if (!isJsonObject(json)) {
    throw new Problem('is no object; write {"model": "User", "row": {...}}')
  }
  const { model: name, tenant, row, ...others } = json as { readonly [member: string]: never }
  const [other] = Object.keys(others)
  if (other !== undefined)
    throw new Problem(`has the unknown member ${JSON.stringify(other)}; use ${MEMBERS.join(', ')}`)
  if (typeof name !== 'string') throw new Problem('has no "model", the name of a model')
  if (tenant !== undefined && (typeof tenant !== 'string' || tenant === '')) {
    throw new Problem('has a "tenant" that is no text; omit it for a row without a tenant')
  }
  if (!Object.hasOwn(models, name)) {
    const near = nearest(name, Object.keys(models))
    const known = near === undefined ? `the models are ${Object.keys(models).join(', ')}` : `did you mean ${near}?`
    throw new Problem(`names the unknown model ${JSON.stringify(name)}; ${known}`)
  }
  if (row === undefined) throw new Problem('has no "row", the fields of the row')
  const model = models[name] as AnyModel
  const fields = rowOf(model, row)
  return { model: name, tenant, row: fields, hasKey: keyFieldsOf(model).every(field => Object.hasOwn(fields, field)) }
}
