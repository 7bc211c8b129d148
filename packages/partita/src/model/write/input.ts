/** Turns input into rows. Validates all fields, so that one error lists every issue with its path. */
import { type Issue, ValidationError } from '../../errors/errors.js'
import type { Item } from '../../value/value.js'
import type { CompiledField, CompiledModel } from '../compile/compiled-model.js'
import type { FieldSpec } from '../define/field.js'
import { encodeAt } from '../define/field-kinds.js'
import { NOWHERE } from '../define/input-issues.js'
import { prepare } from '../define/validators.js'

/** Sources of generated values. */
export interface Sources {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly ulid: () => string
}

type Input = { readonly [name: string]: unknown }

/**
 * The stored form of a new row, without its keys.
 *
 * @param isWhole whether the row may overwrite another. The input may then be a row as it was read; values that the
 *   library generates are generated again.
 * @throws ValidationError listing every issue of the input.
 */
export function encodeRow(
  model: CompiledModel,
  input: unknown,
  sources: Sources,
  isWhole = false,
): Item | Promise<Item> {
  const issues: Issue[] = []
  const read = inputOf(model, input, issues)
  const given = isWhole ? withoutManaged(model, read) : read
  if (model.validated.length === 0) return encodeFields(model, given, sources, issues)
  return runValidators(model, given, issues).then(validated => encodeFields(model, validated, sources, issues))
}

/** Accepts records too: their methods are not own properties. Loaded relations are ignored. */
function inputOf(model: CompiledModel, input: unknown, issues: Issue[]): Input {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    issues.push({ path: [], message: `the input is not an object; pass an object with the fields of ${model.name}` })
    return {}
  }
  for (const name of Object.keys(input)) {
    if (model.byName.has(name) || Object.hasOwn(model.relations, name)) continue
    issues.push({ path: [name], message: model.unknownField(name, issues.length) })
  }
  return input as Input
}

function withoutManaged({ fields }: CompiledModel, input: Input): Input {
  const given = { ...input }
  for (const { name, spec } of fields) if (isManaged(spec)) delete given[name]
  return given
}

function isManaged({ kind }: FieldSpec): boolean {
  return kind === 'version' || kind === 'updatedAt' || kind === 'deletedAt' || kind === 'count'
}

function encodeFields(model: CompiledModel, input: Input, sources: Sources, issues: Issue[]): Item {
  const row: Item = {}
  for (const field of model.fields) {
    const given = Object.hasOwn(input, field.name) ? input[field.name] : undefined
    const value = ownValue(field, given, sources, issues)
    if (value === undefined && !field.required) continue
    const stored = encodeAt(field.encode, value, NOWHERE, field.name, issues)
    if (stored !== undefined) row[field.attribute] = stored
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return row
}

function ownValue({ name, spec, fallback }: CompiledField, given: unknown, sources: Sources, issues: Issue[]): unknown {
  if (isManaged(spec)) {
    if (given !== undefined) issues.push({ path: [name], message: 'is written by the library; omit it' })
    return spec.kind === 'version'
      ? 1
      : spec.kind === 'updatedAt'
        ? new Date(sources.now())
        : spec.kind === 'count'
          ? 0
          : undefined
  }
  if (spec.kind === 'createdAt') return given ?? new Date(sources.now())
  if (given !== undefined) return given
  if (spec.auto) return spec.kind === 'ulid' ? sources.ulid() : globalThis.crypto.randomUUID()
  return fallback?.()
}

/** Runs the validators of fields that are given or have a fallback, and replaces the values by their output. */
async function runValidators({ validated }: CompiledModel, input: Input, issues: Issue[]): Promise<Input> {
  const prepared: { [name: string]: unknown } = { ...input }
  for (const { name, spec, fallback } of validated) {
    const given = Object.hasOwn(input, name) ? input[name] : undefined
    const value = given === undefined ? fallback?.() : given
    if (value !== undefined || !spec.optional) prepared[name] = await prepare(spec, value, [name], issues)
  }
  return prepared
}
