/**
 * Parts of a model that are derived from its rows and stored beside them: index keys, unique markers, iteration keys and
 * counts. Rows written before a part was added lack it. The form of rows is a part too.
 */

import { printCondition } from '../../expression/print.js'
import { numberText } from '../../value/number.js'
import { isNumber, type Value } from '../../value/value.js'
import type { CompiledField, CompiledIndex, CompiledModel, CompiledUnique } from '../compile/compiled-model.js'
import { KINDS } from '../define/field-kinds.js'
import type { KeyField, Template } from '../define/template.js'
import type { IncompleteEvent } from '../types/events.js'

/** One derived part of a model. */
export interface Part {
  readonly kind: IncompleteEvent['part']
  /** The name of the index, constraint or counted ref; `iteration` for iteration. */
  readonly name: string
  /**
   * Everything that determines the stored data. Two versions of a model with equal definitions write compatible
   * data; different definitions are incompatible.
   */
  readonly definition: string
}

/** The parts of a model. Includes only indexes with attributes of their own. */
export function partsOf(model: CompiledModel): Part[] {
  const indexes = model.indexes.flatMap(index => {
    const part: Part = { kind: 'index', name: index.name, definition: indexText(model, index) }
    return index.derivedAttributes.length === 0 ? [] : [part]
  })
  const uniques = model.uniques.map((unique): Part => {
    return { kind: 'unique', name: unique.name, definition: uniqueText(model, unique) }
  })
  const { pk, sk } = model.table.iteration
  // Excludes the bucket count: iteration visits the highest count ever configured.
  const iteration: Part = { kind: 'iteration', name: 'iteration', definition: `iteration ${JSON.stringify([pk, sk])}` }
  const counts = model.fields.flatMap((field): Part[] => {
    const { name, spec } = field
    if (spec.kind !== 'ref' || !spec.onDelete) return []
    return [
      {
        kind: 'count',
        name,
        definition: `count ${JSON.stringify([fieldText(field), spec.target, ...formText(model, [field])])}`,
      },
    ]
  })
  const upgrade = model.steps?.length
    ? [{ kind: 'upgrade', name: 'upgrade', definition: `upgrade ${model.steps.length}` } as const]
    : []
  return [...indexes, ...uniques, ...(model.buckets > 0 ? [iteration] : []), ...counts, ...upgrade]
}

/** Any step may change any field but those of the key, so what is derived from others is older than the last step. */
function formText({ steps, keyFields }: CompiledModel, fields: readonly CompiledField[]): string[] {
  return steps?.length && fields.some(field => !keyFields.includes(field)) ? [`upgrade ${steps.length}`] : []
}

/**
 * Excludes the model's name for the index, which is not stored. Includes its condition, if it has one, and whether
 * soft-deleted rows are in the index, unless they are, as by default.
 */
function indexText(model: CompiledModel, index: CompiledIndex): string {
  const { pkAttribute, skAttribute, pk, sk, when, attributes } = index
  const fields = model.fields.filter(({ attribute }) => attributes.includes(attribute))
  const deleted = model.softDelete?.keepsIndexes === false ? ['without deleted'] : []
  const condition = when ? [`when ${printCondition(when, { name: JSON.stringify, value: operandText })}`] : []
  const texts = [
    pkAttribute,
    templateText(model, pk),
    skAttribute,
    templateText(model, sk),
    ...deleted,
    ...condition,
    ...formText(model, fields),
  ]
  return `index ${JSON.stringify(texts)}`
}

/** Text in quotes, unlike a number or a boolean. */
function operandText(operand: Value): string {
  return isNumber(operand) ? numberText(operand) : JSON.stringify(operand)
}

function templateText(model: CompiledModel, { parts, raw }: Template): string {
  const texts = parts.map(part => (typeof part === 'string' ? part : `{${fieldText(fieldOf(model, part))}}`))
  return (raw ? 'raw ' : '') + texts.join('')
}

/** Includes whether soft-deleted rows keep their values, unless they free them, as by default. */
function uniqueText(model: CompiledModel, { name, fields, lower, trim }: CompiledUnique): string {
  const deleted = model.softDelete?.keepsUnique ? ['with deleted'] : []
  const options = [...(lower ? ['lower'] : []), ...(trim ? ['trim'] : []), ...deleted, ...formText(model, fields)]
  return `unique ${JSON.stringify([name, ...fields.map(fieldText), ...options])}`
}

function fieldOf(model: CompiledModel, { name }: KeyField): CompiledField {
  return model.byName.get(name) as CompiledField
}

/** Kinds with equal key encodings are equal here, so that `string` may become `email`. */
function fieldText({ attribute, spec, storedDefault }: CompiledField): string {
  const type = KINDS[spec.kind].key ?? 'text'
  return `${attribute}:${type}${storedDefault === undefined ? '' : `=${String(storedDefault)}`}`
}
