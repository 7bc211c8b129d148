/**
 * Rejects writes that could not be read back, before they are sent. Only codecs supplied by the program (validators
 * and transforms) can store values that they cannot read. The built-in kinds decode whatever they encode.
 */
import { type Issue, ValidationError } from '../../errors/errors.js'
import type { SetValue } from '../../expression/ast.js'
import type { Item, Value } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { compileValue } from '../define/codec.js'
import type { FieldSpec } from '../define/field.js'
import type { Changes } from '../write/changes.js'
import { fillFields } from './row.js'

/** @throws ValidationError naming the fields of a new row that could not be read back. */
export function checkRow({ fragile }: CompiledModel, row: Item): void {
  if (fragile.length === 0) return
  const issues = fillFields(fragile, row, {})
  if (issues) throw new ValidationError(issues.map(unreadableIssue))
}

/**
 * Checks the values that an update writes, both whole fields and parts of them.
 * @throws ValidationError naming the fields that could not be read back.
 */
export function checkChanges({ fragile }: CompiledModel, changes: Changes): void {
  if (fragile.length === 0) return
  const issues: Issue[] = []
  for (const { path, value } of changes.set) {
    const field = fragile.find(({ attribute }) => attribute === path[0])
    const spec = field && specAt(field.spec, path.slice(1))
    const written = writtenValue(value)
    if (!spec || written === undefined) continue
    const part = { ...field, ...compileValue(spec, ''), attribute: PART, spec }
    for (const issue of fillFields([part], { [PART]: written }, {}) ?? []) issues.push(issue)
  }
  if (issues.length > 0) throw new ValidationError(issues.map(unreadableIssue))
}

/** The path of a value while its decoding is tried. */
const PART = 'part'

/** The field of one part of a document; undefined if its contents are not described. */
function specAt(spec: FieldSpec, steps: readonly (string | number)[]): FieldSpec | undefined {
  const [step, ...rest] = steps
  if (step === undefined) return spec
  const members = Object.entries(spec.shape ?? {})
  const part = spec.element ?? members.find(([name, member]) => (member.attribute ?? name) === step)?.[1]
  return part && specAt(part, rest)
}

/**
 * The complete values that an action writes: the value itself, the initial value of a missing one, or the elements
 * added to a list.
 */
function writtenValue(operand: SetValue): Value | undefined {
  switch (operand.kind) {
    case 'value':
      return operand.value
    case 'ifNotExists':
      return writtenValue(operand.fallback)
    case 'listAppend':
      return [operand.left, operand.right].flatMap(side => (writtenValue(side) ?? []) as readonly Value[])
    default:
      return undefined
  }
}

function unreadableIssue({ path, message }: Issue): Issue {
  return { path, message: `could not be read back: ${message}` }
}
