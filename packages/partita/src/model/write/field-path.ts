/** Places in rows: a field, or a place inside the document that it holds, with what may stand there. */
import { type IssuePath, invalid, valueText } from '../../errors/errors.js'
import type { Path } from '../../expression/ast.js'
import type { CompiledField, CompiledModel } from '../compile/compiled-model.js'
import type { FieldSpec } from '../define/field.js'

/** A place whose contents are not described: inside JSON, or what a validator made. */
export const UNKNOWN: FieldSpec = { kind: 'schema', optional: true, fixed: false, auto: false, checks: [] }

/** A value on the way to a path's end: the field's own, then each part down to the end. */
export interface FieldPathStep {
  readonly spec: FieldSpec
  readonly path: Path
  /** An element of a list, or an entry of a record: one that may be taken out. */
  readonly isElement: boolean
}

export interface FieldPath {
  readonly field: CompiledField
  /** What stands at the place. */
  readonly spec: FieldSpec
  /** Where it is stored. */
  readonly path: Path
  /** As a program names it. */
  readonly at: IssuePath
  /** From the field to the end of the path. */
  readonly steps: readonly FieldPathStep[]
}

export function fieldPath(field: CompiledField): FieldPath {
  const { spec, attribute, name } = field
  const path: Path = [attribute]
  return { field, spec, path, at: [name], steps: [{ spec, path, isElement: false }] }
}

/** A part of the value at a path. */
export function partOf(place: FieldPath, step: string | number, spec: FieldSpec, isElement: boolean): FieldPath {
  const path: Path = [...place.path, isElement ? step : (spec.attribute ?? step)]
  const steps = [...place.steps, { spec, path, isElement }]
  return { field: place.field, spec, path, at: [...place.at, step], steps }
}

/** @throws ValidationError for a name that there is not, or a step into what has no parts. */
export function findFieldPath(model: CompiledModel, path: Path, at: IssuePath): FieldPath {
  // A row with such a member could not be written whole again.
  if (path.includes('__proto__')) throw invalid(at, '__proto__ cannot be a name here')
  const [name, ...steps] = path
  let place = fieldPath(model.field(name, at))
  for (const step of steps) {
    const { spec } = place
    if (spec.transform) throw invalid(at, `goes into ${name}, whose stored form is another`)
    if (spec.kind === 'map' && typeof step === 'string') {
      const shape: Readonly<Record<string, FieldSpec>> = spec.shape ?? {}
      if (!Object.hasOwn(shape, step)) {
        throw invalid(at, `${valueText(step)} is no field there; there are ${Object.keys(shape).join(', ')}`)
      }
      place = partOf(place, step, shape[step] as FieldSpec, false)
    } else if (spec.kind === (typeof step === 'number' ? 'list' : 'record')) {
      place = partOf(place, step, spec.element as FieldSpec, true)
    } else if (spec.kind === 'json' || spec.kind === 'schema') place = partOf(place, step, UNKNOWN, true)
    else {
      throw invalid(at, `goes into a ${spec.kind}, which has no ${typeof step === 'number' ? 'positions' : 'parts'}`)
    }
  }
  return place
}
