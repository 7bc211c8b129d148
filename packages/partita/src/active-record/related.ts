/** Records that ref fields refer to: loaded in batches, and kept by the record with the ref. */
import { invalid } from '../errors/errors.js'
import type { ActiveRecord } from './active-record.js'
import { metered } from './batch-context.js'
import type { ClassModel } from './class-model.js'
import { Meter } from './meter.js'
import { ObjectNotFound } from './object-not-found.js'
import type { FieldValues } from './record-fields.js'
import type { ModelShape } from './shape.js'
import { isIdentified } from './values.js'

interface Loaded {
  readonly id: unknown
  readonly related: object
}

/** The loaded records of one record. A record is forgotten when its ref changes. */
export class RelatedRecords {
  readonly #loaded = new Map<string, Loaded>()

  /** The record loaded for a field that has this value. */
  get(field: string, value: unknown): object | undefined {
    const loaded = this.#loaded.get(field)
    return loaded && loaded.id === idOf(value) ? loaded.related : undefined
  }

  set(field: string, value: unknown, related: object): void {
    this.#loaded.set(field, { id: idOf(value), related })
  }

  forget(field: string): void {
    this.#loaded.delete(field)
  }

  /** Keeps records that the program set as refs themselves. */
  keep({ fields }: ModelShape, record: FieldValues): void {
    for (const [name, { kind }] of fields) {
      const value = record[name]
      if (kind === 'ref' && isIdentified(value)) this.set(name, value, value)
    }
  }

  /** Capacity units of the loaded records. */
  units(type: 'read' | 'write' | 'total'): number {
    const records = [...this.#loaded.values()].map(({ related }) => related as ActiveRecord | ObjectNotFound)
    return records.reduce((sum, record) => sum + record.getNumericConsumedCapacity(type, true), 0)
  }
}

function idOf(value: unknown): unknown {
  return isIdentified(value) ? value.getPrimaryId() : value
}

/**
 * Loads what ref fields of records refer to, with one batch for each model.
 *
 * @param fields the ref fields. Default: all.
 * @throws ValidationError for a field that is not a ref.
 */
export async function loadRelated(
  { group, shape }: ClassModel,
  records: readonly ActiveRecord[],
  fields?: readonly string[] | null,
): Promise<void> {
  const byTarget = new Map<string, string[]>()
  for (const field of fields ?? refFields(shape)) {
    const target = targetOf(shape, field)
    byTarget.set(target, [...(byTarget.get(target) ?? []), field])
  }
  await Promise.all(
    [...byTarget].map(async ([target, names]) => {
      const missing = records.flatMap(record =>
        names.flatMap(field => {
          const id = idOf((record as unknown as FieldValues)[field])
          return id === undefined || id === null || record.getRelated(field) ? [] : [{ record, field, id }]
        }),
      )
      const ids = [...new Set(missing.map(({ id }) => id as string))]
      if (ids.length === 0) return
      const meter = new Meter()
      const only = ids.length === 1 ? await group.classOf(target).find(ids[0] as string) : undefined
      const { items } = only
        ? { items: { [ids[0] as string]: only } }
        : await metered(meter, () => group.classOf(target).batchFind(ids))
      for (const { record, field, id } of missing) {
        record.setRelated(field, items[id as string] ?? new ObjectNotFound(meter))
      }
    }),
  )
}

function refFields({ fields }: ModelShape): string[] {
  return [...fields].filter(([, { kind }]) => kind === 'ref').map(([name]) => name)
}

/** The model that a ref field refers to. @throws ValidationError for a field that is not a ref. */
export function targetOf(shape: ModelShape, field: string): string {
  const { target } = shape.fields.get(field) ?? {}
  if (target === undefined) {
    throw invalid([shape.name, field], `is not a ref field; these are ${refFields(shape).join(', ') || 'none'}`)
  }
  return target
}
