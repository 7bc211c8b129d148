/**
 * Writes of one command, for conditions and updates that the server evaluates exactly. The server applies one command to
 * one document atomically, so nothing can happen between the condition and the write.
 */
import { type Document, ObjectId } from 'mongodb'
import type { Condition } from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import { writeUnits } from '../../value/size.js'
import type { NewDocument } from '../document/codec.js'
import { filterOf } from '../native/filter.js'
import { operatorsOf } from '../native/update.js'
import { mostBytes, needsUnitsOnly } from './capacity.js'
import type { DocumentWrite } from './plan.js'

/** One command on the document of a write. */
export type NativeCommand = Insert | Replace | ChangeByOperators | Delete

interface Command {
  /** Whether the write is done if there was no document. A replacement then inserts its own. */
  readonly acceptsMissing: boolean
}

/** Inserts the document. It fails if there is one. */
interface Insert extends Command {
  readonly kind: 'insert'
  readonly document: NewDocument
}

/** Replaces the document. If it inserts one, another document of that key is a duplicate. */
interface Replace extends Command {
  readonly kind: 'replace'
  readonly filter: Document
  readonly document: NewDocument
  /** Whether nothing of the old document is needed, so that the server does not return it. */
  readonly isBlind: boolean
}

interface ChangeByOperators extends Command {
  readonly kind: 'update'
  readonly filter: Document
  readonly update: Document
  /** The number of bytes by which the item grows at most. */
  readonly growth: number
}

interface Delete extends Command {
  readonly kind: 'delete'
  readonly filter: Document
}

/**
 * The commands that do a write, to be tried one after the other until one finds its document. Empty if the write has to
 * read first. If none finds it, the condition is false or the document is in another state, and the write reads.
 * @throws ValidationError for a number of over 34 digits in an update.
 */
export function nativeCommands(write: DocumentWrite): NativeCommand[] {
  const { request, id } = write
  const { condition } = request
  if (request.kind === 'put') return putCommands(write, condition)
  const filter = condition ? filterOf(condition) : {}
  if (!filter || request.kind === 'check') return []
  const own = { _id: id }
  if (request.kind === 'delete') return [{ kind: 'delete', filter: allOf([own, filter]), acceptsMissing: !condition }]
  const native = operatorsOf(write.table, request.update)
  if (!native) return []
  const { set, unset, inc, guards, growth } = native
  return [
    {
      kind: 'update',
      filter: allOf([own, filter, ...guards]),
      update: {
        $set: { ...set, rev: new ObjectId() },
        ...(Object.keys(unset).length > 0 && { $unset: unset }),
        ...(Object.keys(inc).length > 0 && { $inc: inc }),
      },
      growth,
      acceptsMissing: false,
    },
  ]
}

/** One filter for several. A second test of one field goes into `$and`. */
function allOf(filters: readonly Document[]): Document {
  const joined: Document = {}
  const others: Document[] = []
  for (const filter of filters) {
    for (const name of Object.keys(filter)) {
      if (name === '$and') others.push(...filter.$and)
      else if (name in joined) others.push({ [name]: filter[name] })
      else joined[name] = filter[name]
    }
  }
  if (others.length > 0) joined.$and = others
  return joined
}

/** A put whose condition is true for a missing item begins with an insert, which finds out whether the item is missing. */
function putCommands(write: DocumentWrite, condition: Condition | undefined): NativeCommand[] {
  const { id, table, request } = write
  const document = write.document as NewDocument
  const commands: NativeCommand[] = []
  if (!condition) {
    if (needsUnitsOnly(table, request)) {
      const size = { $lte: mostBytes(writeUnits(document.size)) }
      commands.push({ kind: 'replace', filter: { _id: id, size }, document, acceptsMissing: true, isBlind: true })
    }
    commands.push({ kind: 'replace', filter: { _id: id }, document, acceptsMissing: true, isBlind: false })
    return commands
  }
  if (matches(condition, undefined)) commands.push({ kind: 'insert', document, acceptsMissing: true })
  if (requiresAbsence(condition, table.definition.key.partition.name)) return commands
  const filter = filterOf(condition)
  if (filter)
    commands.push({ kind: 'replace', filter: { _id: id, ...filter }, document, acceptsMissing: false, isBlind: false })
  return commands
}

/** Whether a condition is false for every existing item, since all have a partition key. */
function requiresAbsence(condition: Condition, partition: string): boolean {
  if (condition.kind === 'and') return condition.conditions.some(part => requiresAbsence(part, partition))
  return condition.kind === 'notExists' && condition.path.length === 1 && condition.path[0] === partition
}
