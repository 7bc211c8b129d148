/**
 * The fields of a record and what is known of them. A record's fields are plain properties, so changes are found by comparing
 * them with what was last exchanged with the row that the model layer keeps.
 */
import type { FieldSpec } from '../model/define/field.js'
import { rebased } from '../model/write/rebase.js'
import { isStillSeen, type Seen, seenOf } from '../model/write/seen.js'
import type { ModelShape } from './shape.js'
import { amountOf, fieldValue, shownValue } from './values.js'

/** Values by field name: a record, or the row behind it. */
export type FieldValues = { [name: string]: unknown }

/** Compares and exchanges the fields of one record. */
export class RecordFields {
  readonly #shape: ModelShape
  readonly #record: FieldValues
  /** The values of the stored row, when it was last shown. */
  readonly #stored = new Map<string, Seen>()
  /** The values that were last exchanged with the row. */
  readonly #exchanged = new Map<string, Seen>()

  constructor(shape: ModelShape, record: FieldValues) {
    this.#shape = shape
    this.#record = record
  }

  /** Whether the record differs from the stored row. Undefined is no change, null clears. */
  get hasChanges(): boolean {
    return [...this.#shape.fields].some(([name, spec]) => {
      const given = this.#record[name]
      const stored = this.#stored.get(name)
      if (given === undefined) return false
      if (given === null) return stored?.value !== undefined
      return stored ? !isStillSeen(spec, this.#meaning(name, spec), stored) : true
    })
  }

  /** Shows a row that was read. */
  show(row: FieldValues): void {
    for (const [name, spec] of this.#shape.fields) this.#set(name, spec, row[name], row[name])
  }

  /** The input that creates the row, with all properties, so that a misspelt one is reported. */
  input(): FieldValues {
    const input: FieldValues = {}
    for (const name of Object.keys(this.#record)) {
      const spec = this.#shape.fields.get(name)
      const given = this.#record[name]
      if (spec) this.#exchange(name, spec)
      if (given !== undefined && given !== null) input[name] = spec ? this.#meaning(name, spec) : given
    }
    return input
  }

  /** Hands the record's values to its row, which `save` of the row then writes. */
  handTo(row: FieldValues): void {
    for (const name of Object.keys(this.#record)) {
      const spec = this.#shape.fields.get(name)
      const given = this.#record[name]
      if (spec) this.#exchange(name, spec)
      if (given === null) delete row[name]
      else if (given !== undefined) row[name] = spec ? copied(spec, this.#meaning(name, spec), name) : given
    }
  }

  /** Shows a row that was written. Changes that the program made since its values were handed over stay. */
  refresh(row: FieldValues): void {
    for (const [name, spec] of this.#shape.fields) {
      const given = this.#record[name]
      const before = this.#exchanged.get(name)
      const isEdited = given !== undefined && !(before && isStillSeen(spec, this.#meaning(name, spec), before))
      const shown = !isEdited ? row[name] : given === null ? null : this.#rebased(name, spec, row[name])
      this.#set(name, spec, row[name], shown)
    }
  }

  #rebased(name: string, spec: FieldSpec, stored: unknown): unknown {
    // Text such as `+1` is added when it is saved.
    if (amountOf(spec, this.#record[name]) !== undefined) return this.#record[name]
    return rebased(spec, this.#meaning(name, spec), this.#exchanged.get(name)?.value, stored)
  }

  /** The record and its row never share a value: each is compared with its own past. */
  #set(name: string, spec: FieldSpec, stored: unknown, shown: unknown): void {
    if (shown === undefined) delete this.#record[name]
    else this.#record[name] = shownValue(spec, copied(spec, shown, name))
    const seen = seenOf(spec, stored, name)
    this.#stored.set(name, seen)
    this.#exchanged.set(name, seen)
  }

  #exchange(name: string, spec: FieldSpec): void {
    this.#exchanged.set(name, seenOf(spec, this.#meaning(name, spec), name))
  }

  /** The value of a field, in the form that the field takes. */
  #meaning(name: string, spec: FieldSpec): unknown {
    const given = this.#record[name]
    const amount = amountOf(spec, given)
    if (amount === undefined) return fieldValue(spec, given)
    const stored = this.#stored.get(name)?.value
    return (typeof stored === 'number' ? stored : 0) + amount
  }
}

function copied(spec: FieldSpec, value: unknown, name: string): unknown {
  return seenOf(spec, value, name).value
}
