/** Places in rows: a field, or a place inside the document that it holds, with what may stand there. */
import { type IssuePath, invalid } from '../errors.js'
import type { Path } from '../expression/ast.js'
import type { CompiledField, CompiledModel } from './compiled.js'
import type { FieldSpec } from './field.js'

/** A place whose contents are not described: inside JSON, or what a validator made. */
const UNKNOWN: FieldSpec = { kind: 'schema', optional: true, fixed: false, auto: false, checks: [] }

export interface FieldPlace {
  readonly field: CompiledField
  /** What stands at the place. */
  readonly spec: FieldSpec
  /** Where it is stored. */
  readonly path: Path
}

/** @throws ValidationFailed for a name that there is not, or a step into what has no parts. */
export function findPlace(model: CompiledModel, path: Path, at: IssuePath): FieldPlace {
  // A row with such a member could not be written whole again.
  if (path.includes('__proto__')) throw invalid(at, '__proto__ cannot be a name here')
  const [name, ...steps] = path
  const field = model.field(name, at)
  let spec: FieldSpec = field.spec
  const stored: (string | number)[] = []
  for (const step of steps) {
    if (spec.transform) throw invalid(at, `goes into ${name}, whose stored form is another`)
    if (spec.kind === 'map' && typeof step === 'string') {
      const shape: Readonly<Record<string, FieldSpec>> = spec.shape ?? {}
      if (!Object.hasOwn(shape, step)) {
        throw invalid(at, `${JSON.stringify(step)} is no field there; there are ${Object.keys(shape).join(', ')}`)
      }
      spec = shape[step] as FieldSpec
      stored.push(spec.attribute ?? step)
    } else {
      const isElement = spec.kind === (typeof step === 'number' ? 'list' : 'record')
      if (isElement) spec = spec.element as FieldSpec
      else if (spec.kind === 'json' || spec.kind === 'schema') spec = UNKNOWN
      else
        throw invalid(at, `goes into a ${spec.kind}, which has no ${typeof step === 'number' ? 'positions' : 'parts'}`)
      stored.push(step)
    }
  }
  return { field, spec, path: [field.attribute, ...stored] }
}
