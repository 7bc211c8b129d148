/** Paths in rows: a field, or a part of the document that it holds, with the description of its value. */
import { type IssuePath, invalid, valueText, withArticle } from '../../errors/errors.js'
import type { Path } from '../../expression/ast.js'
import type { CompiledField, CompiledModel } from '../compile/compiled-model.js'
import type { FieldSpec } from '../define/field.js'
import { unknownName } from '../define/input-issues.js'

/** A value whose contents are not described: inside JSON, or the output of a validator. */
export const UNKNOWN: FieldSpec = { kind: 'schema', optional: true, fixed: false, auto: false, checks: [] }

/** One step of a path: the field itself, then each part down to the end. */
export interface FieldPathStep {
  readonly spec: FieldSpec
  readonly path: Path
  /** Whether it is an element of a list or an entry of a record, which can be removed. */
  readonly isElement: boolean
}

/** A path to a field or to a part of its value. */
export interface FieldPath {
  readonly field: CompiledField
  /** The description of the value at the path. */
  readonly spec: FieldSpec
  /** The path of the stored attribute. */
  readonly path: Path
  /** The path as a program names it. */
  readonly at: IssuePath
  /** From the field to the end of the path. */
  readonly steps: readonly FieldPathStep[]
}

/** The path of a whole field. */
export function fieldPath(field: CompiledField): FieldPath {
  const { spec, attribute, name } = field
  const path: Path = [attribute]
  return { field, spec, path, at: [name], steps: [{ spec, path, isElement: false }] }
}

/** The path of a part of the value at a path. */
export function partOf(target: FieldPath, step: string | number, spec: FieldSpec, isElement: boolean): FieldPath {
  const path: Path = [...target.path, isElement ? step : (spec.attribute ?? step)]
  const steps = [...target.steps, { spec, path, isElement }]
  return { field: target.field, spec, path, at: [...target.at, step], steps }
}

/**
 * Finds the path that a program names.
 * @throws ValidationError for an unknown name, or a step into a value without parts.
 */
export function findFieldPath(model: CompiledModel, path: Path, at: IssuePath): FieldPath {
  // A row with such a member could not be written whole again.
  if (path.includes('__proto__')) throw invalid(at, '__proto__ is not allowed as a name')
  const [name, ...steps] = path
  let target = fieldPath(model.field(name, at))
  for (const step of steps) {
    const { spec } = target
    if (spec.transform) throw invalid(at, `is inside ${name}, which is stored in another form by its transform`)
    if (spec.kind === 'map' && typeof step === 'string') {
      const shape: Readonly<Record<string, FieldSpec>> = spec.shape ?? {}
      if (!Object.hasOwn(shape, step)) {
        throw invalid(at, `${valueText(step)} ${unknownName(String(step), Object.keys(shape), 0, 'there')}`)
      }
      target = partOf(target, step, shape[step] as FieldSpec, false)
    } else if (spec.kind === (typeof step === 'number' ? 'list' : 'record')) {
      target = partOf(target, step, spec.element as FieldSpec, true)
    } else if (spec.kind === 'json' || spec.kind === 'schema') target = partOf(target, step, UNKNOWN, true)
    else {
      throw invalid(
        at,
        `is inside ${withArticle(spec.kind)}, which has no ${typeof step === 'number' ? 'positions' : 'parts'}`,
      )
    }
  }
  return target
}
