/** Writes rows of a model as a program does: with its checks, unique constraints, indexes and hooks. */
import {
  AlreadyExistsError,
  type AnyModel,
  ConflictError,
  type ErrorCode,
  OutcomeUnknownError,
  PartitaError,
  type TypeName,
  ValidationError,
  type Value,
} from 'partita'
import { BadInput } from '../../failure.js'
import { printJson } from '../../json/exact-json.js'
import type { AnyRepository, AnyRow } from '../../session/any-database.js'
import { columnTypeOf, keyFieldsOf, toFileItem, toInput } from '../format/model-fields.js'
import type { CapacityPace } from './capacity-pace.js'
import { eachConcurrently } from './concurrently.js'
import type { OnConflict, Outcome, Prepared, Target } from './target.js'

/** Rows in flight on DynamoDB, and on the embedded engine, where they share a flush to disk. */
const CONCURRENCY = { explicit: 16, automatic: 128 } as const
/** How often a write is repeated that met another one, or whose answer was lost. Writing a row twice is safe. */
const ATTEMPTS = 5
/** Errors of the store, and not of a row. */
const OF_THE_STORE: ReadonlySet<ErrorCode> = new Set([
  'IndexNotFound',
  'OutcomeUnknown',
  'StoreUnusable',
  'TableNotFound',
  'TenantRequired',
  'Throttled',
  'Unavailable',
])

/** A model, and how to write into it. */
export interface ModelWriting {
  readonly repository: AnyRepository
  readonly model: AnyModel
  readonly onConflict: OnConflict
  readonly provisioning: 'automatic' | 'explicit'
  readonly pace: CapacityPace
  /** The write units that the database has used so far. */
  readonly used: () => number
}

/** A target that creates or replaces rows of a model. */
export function modelTarget({ repository, model, onConflict, provisioning, pace, used }: ModelWriting): Target {
  const keyFields = keyFieldsOf(model)
  let unnamed = 0

  const existing = async (input: AnyRow): Promise<AnyRow | undefined> => {
    if (keyFields.some(name => input[name] === undefined)) return undefined
    const key = Object.fromEntries(keyFields.map(name => [name, input[name]]))
    return repository.get(key, { consistent: true, withDeleted: true })
  }

  const compared = (input: AnyRow, row: AnyRow): Outcome => {
    const given = toFileItem(input, model)
    const found = toFileItem(row, model)
    const isEqual = Object.keys(given).every(name => printOf(given[name]) === printOf(found[name]))
    if (isEqual) return 'unchanged'
    if (onConflict === 'skip') return 'skipped'
    const key = JSON.stringify(Object.fromEntries(keyFields.map(name => [name, given[name]])))
    return { problem: new BadInput(`conflicts with the ${model.name} ${key}; use --on-conflict skip or replace`) }
  }

  const writeOne = async ({ change }: Prepared): Promise<Outcome> => {
    if (change.kind === 'delete') throw new TypeError('a change of a model is a put')
    const input = toInput(change.item, model)
    try {
      await repeated(() => (onConflict === 'replace' ? repository.put(input) : repository.create(input)))
      return 'written'
    } catch (error) {
      if (!(error instanceof PartitaError) || OF_THE_STORE.has(error.code)) throw error
      if (!(error instanceof AlreadyExistsError)) return { problem: error }
      const row = await existing(input)
      return row ? compared(input, row) : { problem: error }
    }
  }

  return {
    prepare(change) {
      if (change.kind === 'delete') throw new BadInput('deletes an item; import this export into a table')
      const named = keyFields.every(name => change.item[name] !== undefined)
      const id = named ? printJson(keyFields.map(name => change.item[name] as Value)) : `new ${unnamed++}`
      // At once, so that an invalid time is reported before anything is written.
      toInput(change.item, model)
      return { id, change, units: 1 }
    },
    async write(changes, signal) {
      await pace.ready(signal)
      const before = used()
      try {
        return await eachConcurrently(changes, CONCURRENCY[provisioning], writeOne)
      } finally {
        pace.spend(used() - before)
      }
    },
    preview: changes =>
      eachConcurrently(changes, CONCURRENCY[provisioning], async ({ change }) => {
        const input = change.kind === 'put' ? toInput(change.item, model) : {}
        const checked = await validated(model, input)
        if (checked) return { problem: checked }
        const row = onConflict === 'replace' ? undefined : await existing(input)
        return row ? compared(input, row) : 'written'
      }),
  }
}

/** The types of columns whose header names none. */
export function columnTypes(model: AnyModel): (name: string) => TypeName | undefined {
  return name => columnTypeOf(model, name)
}

function printOf(value: Value | undefined): string {
  return value === undefined ? '' : printJson(value, { sorted: true })
}

/** What the model says of an input, without a store. */
async function validated(model: AnyModel, input: AnyRow): Promise<ValidationError | undefined> {
  const { '~standard': standard } = model as AnyModel & {
    readonly '~standard': { validate(value: unknown): Promise<{ readonly issues?: readonly Issue[] }> }
  }
  const { issues } = await standard.validate(input)
  if (!issues) return undefined
  return new ValidationError(issues.map(({ path = [], message }) => ({ path, message })))
}

interface Issue {
  readonly message: string
  readonly path?: readonly (string | number)[]
}

async function repeated<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      const isPassing = error instanceof OutcomeUnknownError || error instanceof ConflictError
      if (!isPassing || attempt === ATTEMPTS) throw error
    }
  }
}
