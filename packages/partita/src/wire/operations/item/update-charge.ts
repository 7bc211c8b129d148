/**
 * The size that AWS computes for an update before it reads the item: the size of the values that the expression writes,
 * plus some bytes for each of its parts. It is undocumented; the numbers are measured.
 */
import type { Path, SetOperand, SetValue, Update } from '../../../expression/ast.js'
import { MAX_ITEM_BYTES, measureValue, utf8Length } from '../../../value/size.js'
import { validation } from '../../protocol/aws-error.js'
import { UPDATE_TOO_LARGE } from '../../protocol/translate-error.js'

const UPDATE = 3
/** SET of a path, and ADD to it. */
const WRITE = 19
/** REMOVE of a path, and DELETE from it. */
const REMOVAL = 1
const TARGET_STEP = 4
const OPERAND = 1
const OPERAND_STEP = 14
const CALLS = { plus: 34, minus: 37, ifNotExists: 39, listAppend: 37 }

/** @throws AwsError if the size of the expression exceeds that of an item. */
export function checkUpdateCharge({ set, remove, add, delete: removed }: Update): void {
  let bytes = UPDATE
  // Checked after each part, since a short expression can name one large value many times.
  const count = (more: number) => {
    bytes += more
    if (bytes > MAX_ITEM_BYTES) throw validation(UPDATE_TOO_LARGE)
  }
  for (const { path, value } of set) count(WRITE + targetCharge(path) + valueCharge(value))
  for (const { path, value } of add) count(WRITE + targetCharge(path) + measureValue(value))
  for (const path of remove) count(REMOVAL + targetCharge(path))
  for (const { path } of removed) count(REMOVAL + targetCharge(path))
}

function targetCharge([first, ...steps]: Path): number {
  return stepBytes(first) + steps.reduce<number>((sum, step) => sum + TARGET_STEP + stepBytes(step), 0)
}

function valueCharge(value: SetValue | SetOperand): number {
  switch (value.kind) {
    case 'value':
      return measureValue(value.value)
    case 'path':
      return pathCharge(value.path)
    case 'ifNotExists':
      return CALLS.ifNotExists + pathCharge(value.path) + valueCharge(value.fallback)
    default:
      return CALLS[value.kind] + valueCharge(value.left) + valueCharge(value.right)
  }
}

function pathCharge(path: Path): number {
  return path.reduce<number>((sum, step) => sum + OPERAND_STEP + stepBytes(step), OPERAND)
}

function stepBytes(step: string | number): number {
  return typeof step === 'number' ? String(step).length : (utf8Length(step) ?? 0)
}
