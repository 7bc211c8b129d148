/**
 * What a write makes of its document. The conditions and updates of all writes that read before they write, alone or in a
 * transaction, are evaluated here and not by the server, so that they mean what they mean on every other engine.
 */
import { checkCondition, checkUpdate, PreparedCondition, type Work } from '../../expression/evaluate/index.js'
import { pickKey } from '../../store/definition.js'
import { checkKey } from '../../store/limits.js'
import type { WriteRequest } from '../../store/store.js'
import { returnedItem, type SizedItem, updateResult } from '../../store/update-result.js'
import type { Item, Key } from '../../value/value.js'
import {
  documentId,
  documentOf,
  encodeItem,
  type ItemTable,
  type NewDocument,
  type StoredDocument,
  sizedItem,
} from '../document/codec.js'
import { decodeAttributes, encodeAttributes } from '../document/value.js'

/** A valid request, independent of what is stored. */
export interface DocumentWrite {
  readonly table: ItemTable
  readonly request: WriteRequest
  /** The `_id` of the document. */
  readonly id: string
  readonly key: Key
  /** The document of a put. */
  readonly document: NewDocument | undefined
}

/** The effect of a write on its item. `before` and `after` are undefined if the item does not exist then. */
export interface WriteEffect {
  readonly before: SizedItem | undefined
  /** The same as `before` if the write changes nothing. */
  readonly after: SizedItem | undefined
}

/** A write that can be applied. */
export interface DocumentPlan extends WriteEffect {
  readonly write: DocumentWrite
  /** The document of `after`; undefined if the write stores none. */
  readonly document: NewDocument | undefined
}

/** The condition was false. `item` is the old item if the request asks for it. */
export interface DocumentRefusal {
  readonly refused: true
  readonly item: Item | undefined
}

/**
 * Validates a request as far as this does not depend on stored documents.
 * @param request a copy that the caller cannot change.
 * @throws ValidationError, LimitExceededError
 */
export function prepareWrite(table: ItemTable, request: WriteRequest): DocumentWrite {
  const schema = table.definition.key
  if (request.condition) checkCondition(request.condition)
  if (request.kind === 'put') {
    const document = encodeItem(table, request.item)
    return { table, request, id: document._id, key: pickKey(table.definition.key, request.item), document }
  }
  checkKey(schema, request.key)
  if (request.kind === 'update') checkUpdate(request.update)
  return { table, request, id: documentId(schema, request.key), key: request.key, document: undefined }
}

/**
 * Evaluates a write on the document that was read.
 * @param work counts the steps of the evaluation, and limits them.
 * @throws ValidationError, LimitExceededError if the result of an update cannot be stored; UnavailableError if the
 *   document is not one of an item.
 */
export function planWrite(
  write: DocumentWrite,
  stored: StoredDocument | undefined,
  work: Work,
): DocumentPlan | DocumentRefusal {
  const { condition, returnOldOnFailure } = write.request
  const before = stored && sizedItem(stored)
  if (before) {
    // Processing an item takes about one step for each byte.
    work.steps += before.size
    work.check()
  }
  if (condition && !new PreparedCondition(condition, work).test(before?.item)) {
    return { refused: true, item: returnOldOnFailure ? before?.item : undefined }
  }
  const { after } = effectOf(write, before)
  const isUpdated = write.request.kind === 'update' && after
  return { write, before, after, document: isUpdated ? documentOf(write.table, after) : write.document }
}

/**
 * The effect of a write whose condition is true.
 * @throws ValidationError, LimitExceededError if the result of an update cannot be stored.
 */
export function effectOf({ table, request, key, document }: DocumentWrite, before: SizedItem | undefined): WriteEffect {
  switch (request.kind) {
    case 'put':
      return { before, after: { item: request.item, size: (document as NewDocument).size } }
    case 'update':
      return { before, after: updateResult(table.definition, request.update, key, before?.item) }
    case 'delete':
      return { before, after: undefined }
    case 'check':
      return { before, after: before }
  }
}

/** Whether the condition of a write was false. */
export function isRefused(plan: DocumentPlan | DocumentRefusal): plan is DocumentRefusal {
  return 'refused' in plan
}

/** The item that a request returns, in the form in which a later read returns it. */
export function itemReturned({ request }: DocumentWrite, { before, after }: WriteEffect): Item | undefined {
  if (!('returns' in request) || request.returns === 'none' || request.returns === undefined) return undefined
  const isNew = request.returns === 'new' || request.returns === 'updatedNew'
  return returnedItem(
    request,
    before?.item,
    isNew && after ? decodeAttributes(encodeAttributes(after.item)) : undefined,
  )
}
