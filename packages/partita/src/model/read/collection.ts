/** Reads collections: one query of the partition, whose rows are sorted into parts by model. */
import { type Issue, invalid, LimitExceededError, ValidationError, valueText } from '../../errors/errors.js'
import { checkCount, checkOptions } from '../../store/options.js'
import { type Item, isPlainObject, type Key } from '../../value/value.js'
import type { CompiledIndex, CompiledModel } from '../compile/compiled-model.js'
import { NO_SORT_KEY } from '../compile/layout.js'
import { canHold, lookUpValue } from '../compile/row-key.js'
import { calls, type DatabaseContext } from '../connect/context.js'
import type { ScopeState } from '../connect/scope.js'
import type { AnyCollection, CollectionOptions } from '../define/collection.js'
import { fieldNames, type KeyField, parseTemplate, type TemplatePart } from '../define/template.js'
import { recordOf } from '../rows/record.js'
import type { RowContext } from '../rows/rows.js'
import { visible } from '../rules/hiding.js'
import { live, seeing } from '../write/guard.js'
import { RowReader, UNREADABLE_OPTIONS } from './unreadable.js'

const MAX_ITEMS = 10_000

type Arity = 'one' | 'optional' | 'many'

interface Part {
  readonly name: string
  readonly arity: Arity
  readonly model: CompiledModel
  readonly index: CompiledIndex
}

/** A collection with the connected model and index of each part. */
export interface CompiledCollection {
  readonly collection: AnyCollection
  readonly parts: readonly Part[]
}

/**
 * Finds the model and index of each part.
 * @throws ValidationError naming the model that does not share the partition.
 */
export function compileCollection(db: DatabaseContext, collection: AnyCollection): CompiledCollection {
  return { collection, parts: partsOf(db, collection) }
}

/** Reads one collection of a connected database. */
export class ModelCollection {
  readonly #db: DatabaseContext
  readonly #collection: AnyCollection
  readonly #parts: readonly Part[]
  readonly #scope: () => ScopeState

  constructor(db: DatabaseContext, { collection, parts }: CompiledCollection, scope: () => ScopeState) {
    this.#db = db
    this.#collection = collection
    this.#parts = parts
    this.#scope = scope
  }

  async get(input: unknown, options: CollectionOptions = {}): Promise<unknown> {
    checkOptions(options, ['consistent', 'withDeleted', 'maxItems', ...UNREADABLE_OPTIONS])
    checkCount('maxItems', options.maxItems)
    const { maxItems = MAX_ITEMS, consistent = false } = options
    const [first] = this.#parts as readonly [Part, ...Part[]]
    if (consistent && first.index.on !== undefined) {
      throw invalid(['consistent'], 'is not supported on a global secondary index; its reads are eventually consistent')
    }
    const context = seeing({ db: this.#db, scope: this.#scope(), model: first.model }, options.withDeleted)
    const partition = this.#partition(context, first, input)
    if (partition === undefined) return undefined
    const items = await this.#read(context, partition, consistent, maxItems)
    const rows = this.#sort(context, items, new RowReader(options))
    return rows && typeof this.#collection.assemble === 'function' ? this.#collection.assemble(rows) : rows
  }

  /** The collection may use its own field names; they follow the order of the fields in the models' partition key. */
  #partition(context: RowContext, { index, model }: Part, input: unknown): string | undefined {
    if (!isPlainObject(input))
      throw invalid([], `is ${valueText(input)}; a collection takes the fields of its partition`)
    const names = fieldNames(templateParts(this.#collection.parts.pk))
    checkOptions(input, names)
    const row: Item = {}
    const issues: Issue[] = []
    let isOfWrongForm = false
    names.forEach((name, i) => {
      const field = model.field((index.pk.fields[i] as KeyField).name, [name])
      const stored = lookUpValue(field, input[name], [name], issues)
      if (stored === undefined) isOfWrongForm = true
      else row[field.attribute] = stored
    })
    if (issues.length > 0) throw new ValidationError(issues)
    if (isOfWrongForm || !canHold(index, row)) return undefined
    const text = index.pk.print(row)
    if (text === undefined) throw invalid([names[0] ?? ''], 'is missing or empty')
    return context.scope.prefix + text
  }

  /** Reads the rows of the partition that the scope may read. Others do not count: their number must not show. */
  async #read(context: RowContext, partition: string, consistent: boolean, maxItems: number): Promise<Item[]> {
    const { index, model } = this.#parts[0] as Part
    const items: Item[] = []
    let after: Key | undefined
    do {
      const page = await calls.query(context, {
        table: model.table.name,
        index: index.on,
        key: { partition: { name: index.pkAttribute, value: partition } },
        consistent,
        after,
      })
      for (const item of await this.#visible(context, page.items)) items.push(item)
      if (items.length > maxItems) {
        throw new LimitExceededError(
          `The partition of ${this.#collection.name} has over ${maxItems} rows; raise maxItems, or query its models page by page`,
          { limit: 'maxItems', maximum: maxItems, actual: items.length },
        )
      }
      after = page.next
    } while (after)
    return items
  }

  /** The rows of the models that permissions do not hide, each by the permissions of its own model. */
  async #visible(context: RowContext, items: readonly Item[]): Promise<Item[]> {
    const shown = new Set<Item>()
    for (const { model } of this.#parts) {
      const of: RowContext = { ...context, model }
      const own = items.filter(item => live(of, item))
      for (const item of await visible(of, own)) shown.add(item)
    }
    return items.filter(item => shown.has(item))
  }

  /** @throws UnreadableError for a row under `one`: the aggregate does not exist without it. */
  #sort(context: RowContext, items: readonly Item[], reader: RowReader): object | undefined {
    const rows: { [name: string]: unknown } = {}
    for (const { name, arity, model } of this.#parts) {
      const of: RowContext = { ...context, model }
      const found = items.filter(item => live(of, item))
      if (arity !== 'many' && found.length > 1)
        throw this.#invalidPart(name, `has ${found.length} rows in the partition; list it under many`)
      if (arity === 'one') {
        if (found.length === 0) return undefined
        rows[name] = recordOf(of, found[0] as Item)
        continue
      }
      const records = found.map(item => reader.record(of, item)).filter(record => record !== undefined)
      if (arity === 'many') rows[name] = records
      else if (records.length === 1) rows[name] = records[0]
    }
    return Object.values(rows).some(part => !Array.isArray(part) || part.length > 0) ? rows : undefined
  }

  #invalidPart(name: string, message: string): ValidationError {
    return invalid([this.#collection.name, name], message)
  }
}

function partsOf({ models }: DatabaseContext, { name, parts }: AnyCollection): Part[] {
  const compiled: Part[] = []
  for (const arity of ['one', 'optional', 'many'] as const) {
    for (const [part, { name: model }] of Object.entries(parts[arity] ?? {})) {
      const found = models.get(model)
      if (!found) throw invalid([name, part], `is of the model ${model}, which is not connected`)
      const index = parts.on === undefined ? found.key : found.indexes.find(({ on }) => on === parts.on)
      if (!index) throw invalid([name, part], `${model} has no index on ${parts.on}`)
      if (index.skAttribute === undefined)
        throw invalid([name, part], `is in a partition of its own: it ${NO_SORT_KEY}`)
      if (shapeOf(index.pk.parts) !== shapeOf(templateParts(parts.pk))) {
        throw invalid([name, part], `${model} has a partition key other than ${parts.pk}`)
      }
      const [first] = compiled
      if (first && first.model.table !== found.table) {
        const message = `${model} is in another database than ${first.model.name}; a collection reads one partition of one table`
        throw invalid([name, part], message)
      }
      if (arity === 'one' && index.when) {
        throw invalid(
          [name, part],
          `is in the index ${index.name} only while it satisfies when; list it under optional`,
        )
      }
      compiled.push({ name: part, arity, model: found, index })
    }
  }
  return compiled
}

/** A template without its field names: equal results print equal keys. */
function shapeOf(parts: readonly unknown[]): string {
  return JSON.stringify(parts.map(part => (typeof part === 'string' ? part : 0)))
}

function templateParts(pk: string): readonly TemplatePart[] {
  const parts = parseTemplate(pk)
  if (typeof parts === 'string') throw invalid(['pk'], parts)
  return parts
}
