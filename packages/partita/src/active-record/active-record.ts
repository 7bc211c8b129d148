/** Active records: instances of classes with a field for each field of the model, and methods that read and write them. */
import { invalid, valueText } from '../errors/errors.js'
import { jsonOf } from '../model/rows/record.js'
import { checkOptions } from '../store/options.js'
import { isInsideBatchContext, metered } from './batch-context.js'
import { type ClassModel, modelOf } from './class-model.js'
import type { ActiveDeleteOptions, ActiveWriteOptions } from './class-types.js'
import { whereOf } from './filters.js'
import { type ConsumedCapacity, Meter } from './meter.js'
import type { ObjectNotFound } from './object-not-found.js'
import { keyOfId, primaryIdOf } from './primary-id.js'
import { type FieldValues, RecordFields } from './record-fields.js'
import { loadRelated, RelatedRecords } from './related.js'
import { completeKeys, deleteRow, LoadedRow, type Row } from './row-access.js'
import { runAs } from './tenant-context.js'
import { isIdentified } from './values.js'

/** A record of any model: its methods. Its fields are properties of their own. */
export class ActiveRecord {
  readonly #model: ClassModel
  readonly #fields: RecordFields
  readonly #meter: Meter
  readonly #related = new RelatedRecords()
  /** The row behind the record; undefined until it is created. */
  #row: Row | undefined
  /** The scope that read or created the row. The record belongs to its tenant, whichever code holds it. */
  #scope: { readonly tenant?: string | undefined } | undefined
  /** The create that is in flight. */
  #creation: Promise<void> | undefined
  #isLoaded = false
  #isDeleted = false

  /**
   * @param data values of fields, which are copied.
   * @throws ValidationError for a name that is not a field.
   */
  constructor(data: object = {}) {
    this.#model = modelOf(new.target)
    this.#fields = new RecordFields(this.#model.shape, this.#properties)
    if (data instanceof LoadedRow) {
      this.#meter = data.meter
      this.#row = data.row
      this.#scope = data.scope
      this.#isLoaded = true
      this.#fields.show(data.row)
      return
    }
    this.#meter = new Meter()
    if (typeof data !== 'object' || data === null) throw invalid([], `The fields are ${valueText(data)}`)
    this.#model.fill(data as FieldValues, this.#properties)
  }

  get #properties(): FieldValues {
    return this as unknown as FieldValues
  }

  /** Whether the row is stored: true after a read or a save, false before it and after a delete. */
  exists(): this is ActiveRecord {
    return this.#row !== undefined && !this.#isDeleted
  }

  /** Whether the record was read, and not made by the program. */
  isLoaded(): boolean {
    return this.#isLoaded
  }

  /** Whether there are changes that are not saved. */
  hasChanges(): boolean {
    return this.#row === undefined || this.#fields.hasChanges
  }

  /** The key of the row as one text, for `find`, `update`, `delete` and ref fields. */
  getPrimaryId(): string {
    return primaryIdOf(this.#model.shape, this.#properties)
  }

  /**
   * Creates the row, or writes what changed since it was read. Counters and sets are changed by their difference; text such as
   * `+1` adds to a counter. Changes that are made while the call is in flight stay, for the next save.
   *
   * @throws AlreadyExistsError, UniqueViolationError if another row has the key or a unique value of a new record.
   * @throws NotFoundError if the row was deleted since it was read.
   * @throws ConflictError if the model has a version field and the row was written since it was read.
   * @throws ConditionFailedError if the condition does not hold. It is not checked if there is nothing to write.
   */
  async save(options: ActiveWriteOptions = {}): Promise<this> {
    checkOptions(options, ['condition', 'forceReindex'])
    const condition = whereOf(this.#model.shape, options.condition, 'condition')
    this.#related.keep(this.#model.shape, this.#properties)
    await this.#inOwnTenant(() => this.#write(condition))
    if (options.forceReindex) await this.#inOwnTenant(() => this.#complete())
    return this
  }

  /** The values of the call are those of now: nothing is awaited before they are taken. */
  async #write(condition: FieldValues | undefined): Promise<void> {
    // A second save while the first one creates the row is an update of it.
    while (!this.#row && this.#creation) await this.#creation.catch(() => {})
    if (this.#row) return this.#update(this.#row, condition)
    this.#creation = this.#create(condition)
    try {
      await this.#creation
    } finally {
      this.#creation = undefined
    }
  }

  async #create(condition: FieldValues | undefined): Promise<void> {
    const { group, shape } = this.#model
    const input = this.#fields.input()
    const row = await group.run(scope => {
      const { [shape.name]: rows } = (this.#scope = scope)
      if (!condition) return rows.create(input as never)
      // The condition holds for the missing row too, and the row is missing.
      const isMissing = { [shape.keyFields[0] as string]: { $exists: false } }
      return rows.put(input as never, { if: { $and: [condition, isMissing] } as never })
    })
    this.#row = row as unknown as Row
    this.#fields.refresh(this.#row)
  }

  async #update(row: Row, condition: FieldValues | undefined): Promise<void> {
    this.#fields.handTo(row)
    const { group, shape } = this.#model
    await group.run(async scope => {
      await row.save(condition && { if: condition as never })
      // The row belongs to the scope that it was read in. What this batch context knows of it is from before the save.
      if (scope === this.#scope || !isInsideBatchContext()) return
      const key = Object.fromEntries(shape.keyFields.map(name => [name, row[name]]))
      // If this read fails, the context no longer knows the row either, and the save is done.
      await scope[shape.name]?.get(key, { consistent: true }).catch(() => {})
    })
    this.#fields.refresh(row)
  }

  #complete(): Promise<void> {
    const { group, shape } = this.#model
    return group.run(() => completeKeys(this.#row as Row, keyOfId(shape, this.getPrimaryId()) as FieldValues))
  }

  /**
   * Deletes the row.
   *
   * @throws NotFoundError if the row does not exist.
   * @throws ConditionFailedError if the condition does not hold.
   */
  async delete(options: ActiveDeleteOptions = {}): Promise<void> {
    const { group, shape } = this.#model
    checkOptions(options, ['condition'])
    const condition = whereOf(shape, options.condition, 'condition')
    const key = keyOfId(shape, this.getPrimaryId())
    await this.#inOwnTenant(() => group.run(scope => deleteRow(shape, scope[shape.name] as never, key, condition)))
    this.#isDeleted = true
  }

  /** Runs calls of this record: in the tenant of its row, and counted for it. */
  #inOwnTenant<T>(run: () => Promise<T>): Promise<T> {
    const counted = () => metered(this.#meter, run)
    return this.#scope ? runAs(this.#scope.tenant, counted) : counted()
  }

  /**
   * Loads the records that ref fields refer to, in parallel; `getRelated` then returns them.
   *
   * @param fields the ref fields. Default: all.
   */
  async loadRelatedData(fields?: readonly string[] | null): Promise<this> {
    await this.#inOwnTenant(() => loadRelated(this.#model, [this], fields))
    return this
  }

  /**
   * The record that a ref field refers to, if it is loaded; undefined if it is not.
   *
   * @param _related the class of the record, for the type of the result.
   */
  getRelated<Related = ActiveRecord>(
    field: string,
    _related?: new (...parameters: never[]) => Related,
  ): Related | ObjectNotFound | undefined {
    return this.#related.get(field, this.#properties[field]) as Related | ObjectNotFound | undefined
  }

  /**
   * The record that a ref field refers to, read once; null if the field has no value.
   *
   * @param related the class of the record, for the type of the result.
   */
  async getOrLoadRelatedField<Related = ActiveRecord>(
    field: string,
    related?: new (...parameters: never[]) => Related,
  ): Promise<Related | ObjectNotFound | null> {
    this.#related.keep(this.#model.shape, this.#properties)
    const loaded = this.getRelated(field, related)
    if (loaded) return loaded
    await this.#inOwnTenant(() => loadRelated(this.#model, [this], [field]))
    return this.getRelated(field, related) ?? null
  }

  /** Forgets the record that was loaded for a ref field. */
  clearRelatedCache(field: string): void {
    this.#related.forget(field)
  }

  /** @internal Keeps a record that was loaded for a ref field. */
  setRelated(field: string, related: object): void {
    this.#related.set(field, this.#properties[field], related)
  }

  /** Capacity that the calls of this record consumed, one entry for each call to the store. */
  getConsumedCapacity(): ConsumedCapacity[] {
    return this.#meter.entries
  }

  /**
   * Capacity units that the calls of this record consumed.
   *
   * @param type default `total`, of reads and writes.
   * @param includeRelated adds those of the records loaded for its ref fields. Default false.
   */
  getNumericConsumedCapacity(type: 'read' | 'write' | 'total' = 'total', includeRelated = false): number {
    const own = this.#meter.units(type)
    return includeRelated ? own + this.#related.units(type) : own
  }

  /** Forgets the capacity that was consumed so far. */
  clearConsumedCapacity(): void {
    this.#meter.clear()
  }

  /** The fields as JSON: sets as lists, bytes as base64, exact numbers as text. */
  toJSON(): object {
    const values = Object.entries(this).filter(([, value]) => value !== undefined)
    return Object.fromEntries(
      values.map(([name, value]) => [name, isIdentified(value) ? value.getPrimaryId() : jsonOf(value)]),
    )
  }
}
