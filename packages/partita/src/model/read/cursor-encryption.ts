/**
 * Cursors of reads in which permissions hide rows are encrypted: a page may end at a row that the actor must not see, and the
 * cursor holds its key. The secret is `cursorSecret`. Without one it is a random secret in the table, which the first such
 * cursor creates, so that all programs of the table understand each other's cursors.
 */
import { ConditionFailedError, OutcomeUnknownError } from '../../errors/errors.js'
import { notExists } from '../../expression/ast.js'
import type { Item } from '../../value/value.js'
import { tableKey } from '../compile/layout.js'
import { storeOf } from '../connect/context.js'
import { meter } from '../connect/scope.js'
import { METADATA, METADATA_TYPE } from '../evolve/part-record.js'
import type { RowContext } from '../rows/rows.js'
import { hidesRows } from '../rules/hiding.js'

const KEY = 'PARTITA#CURSORS'
const SECRET_BYTES = 32
/** Attempts if the outcome of the write is unknown, or another program was faster. */
const MAX_ATTEMPTS = 3

/** The encryption of the cursors of a read; undefined if the scope may see all rows. */
export function cursorEncryption(context: RowContext): (() => Promise<string>) | undefined {
  if (!hidesRows(context)) return undefined
  const { cursorSecret } = context.db
  return cursorSecret === undefined ? () => tableSecret(context) : async () => cursorSecret
}

/** The secret is not waited for by other requests: on an edge runtime the first one can be cancelled. */
async function tableSecret({ db, model: { table }, scope }: RowContext): Promise<string> {
  const known = db.tableSecrets.get(table)
  if (known !== undefined) return known
  const { name, pk, type } = table
  const key = tableKey(table, KEY, KEY)
  const store = storeOf(db, table)
  for (let attempt = 1; ; attempt++) {
    const { item, capacity } = await store.get({ table: name, key, consistent: true, ...scope.limits })
    meter(scope, capacity)
    const stored = item?.[METADATA]
    if (typeof stored === 'string') {
      db.tableSecrets.set(table, stored)
      return stored
    }
    const made: Item = { ...key, [type]: METADATA_TYPE, [METADATA]: newSecret() }
    try {
      const written = await store.write({ kind: 'put', table: name, item: made, condition: notExists([pk]) })
      meter(scope, written.capacity)
    } catch (error) {
      const isRepeatable = error instanceof ConditionFailedError || error instanceof OutcomeUnknownError
      if (!isRepeatable || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

function newSecret(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(SECRET_BYTES))
  return btoa(String.fromCharCode(...bytes))
}
