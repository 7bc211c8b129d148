/**
 * Parts of a model that are derived from its rows and stored beside them: index keys, markers of unique values, and keys
 * of iteration. Rows that were written before a part was added lack it.
 */

import type { CompiledField, CompiledIndex, CompiledModel, CompiledUnique } from '../compile/compiled-model.js'
import { KINDS } from '../define/field-kinds.js'
import type { KeyField, Template } from '../define/template.js'
import type { IncompleteEvent } from '../types/events.js'

export interface Part {
  readonly kind: IncompleteEvent['part']
  /** Of the index or the constraint in the model; `iteration` for iteration. */
  readonly name: string
  /**
   * All that decides what is stored for a row. Where two versions of a model have the same text here, what either wrote
   * serves the other; where the text differs, it does not.
   */
  readonly definition: string
}

/** The parts of a model; of indexes only those that need attributes of their own. */
export function partsOf(model: CompiledModel): Part[] {
  const indexes = model.indexes.flatMap(index => {
    const part: Part = { kind: 'index', name: index.name, definition: indexText(model, index) }
    return index.places.length === 0 ? [] : [part]
  })
  const uniques = model.uniques.map((unique): Part => {
    return { kind: 'unique', name: unique.name, definition: uniqueText(unique) }
  })
  const { pk, sk } = model.table.iteration
  // How many buckets there are does not matter: a walk goes through as many as there have ever been.
  const iteration: Part = { kind: 'iteration', name: 'iteration', definition: `iteration ${JSON.stringify([pk, sk])}` }
  return [...indexes, ...uniques, ...(model.buckets > 0 ? [iteration] : [])]
}

/** The model's name of an index is not part of it: nothing that is stored depends on it. */
function indexText(model: CompiledModel, { pkAttribute, skAttribute, pk, sk }: CompiledIndex): string {
  return `index ${JSON.stringify([pkAttribute, templateText(model, pk), skAttribute, templateText(model, sk)])}`
}

function templateText(model: CompiledModel, { parts, raw }: Template): string {
  const texts = parts.map(part => (typeof part === 'string' ? part : `{${fieldText(fieldOf(model, part))}}`))
  return (raw ? 'raw ' : '') + texts.join('')
}

function uniqueText({ name, fields, lower, trim }: CompiledUnique): string {
  const options = [...(lower ? ['lower'] : []), ...(trim ? ['trim'] : [])]
  return `unique ${JSON.stringify([name, ...fields.map(fieldText), ...options])}`
}

function fieldOf(model: CompiledModel, { name }: KeyField): CompiledField {
  return model.byName.get(name) as CompiledField
}

/** Kinds that are written alike into keys are alike here, so that `string` may become `email`. */
function fieldText({ attribute, spec, storedDefault }: CompiledField): string {
  const type = KINDS[spec.kind].key ?? 'text'
  return `${attribute}:${type}${storedDefault === undefined ? '' : `=${String(storedDefault)}`}`
}
