/**
 * Batches that the store processes in part, as with injected faults. The client must retry the unprocessed items. The
 * server does not retry them, so that programs see what they would see at AWS.
 */
import type { EngineStore } from '../../../embedded/engine-store.js'
import { ThrottledError } from '../../../errors/errors.js'
import { addCapacity, type Capacity, noCapacity } from '../../../store/capacity.js'
import type { BatchWrite, GetRequest } from '../../../store/store.js'
import type { Item, Value } from '../../../value/value.js'
import { writeValue } from '../../protocol/attribute-value.js'

/** Whether the read or write of an item with this key is unprocessed. */
export type IsLeft = (key: Item) => boolean

interface PartRead {
  readonly items: readonly (Item | undefined)[]
  readonly capacity: Capacity
  /** Absent if all are processed. */
  readonly isLeft?: IsLeft
}

/** @throws ThrottledError if all are unprocessed. */
export async function readPart(store: EngineStore, gets: readonly GetRequest[]): Promise<PartRead> {
  try {
    return await store.batchGet({ gets, deadline: 0 })
  } catch (error) {
    const left = keysLeft(error)
    // The error contains no items: those that were read are read again, one by one.
    const items: (Item | undefined)[] = []
    const capacity = noCapacity()
    for (const get of gets) items.push(left.has(keyText(get.key)) ? undefined : await readAlone(get))
    if (gets.every(({ key }) => left.has(keyText(key)))) throw error
    return { items, capacity, isLeft: key => left.has(keyText(key)) }

    async function readAlone(get: GetRequest): Promise<Item | undefined> {
      try {
        const found = await store.get(get)
        addCapacity(capacity, found.capacity)
        return found.item
      } catch (again) {
        if (!(again instanceof ThrottledError)) throw again
        left.add(keyText(get.key))
        return undefined
      }
    }
  }
}

interface PartWritten {
  /** Unknown for a partly processed batch. */
  readonly capacity: Capacity
  /** Absent if all are processed. */
  readonly isLeft?: IsLeft
}

/** @throws ThrottledError if all are unprocessed. */
export async function writePart(store: EngineStore, writes: readonly BatchWrite[]): Promise<PartWritten> {
  try {
    return await store.batchWrite({ writes, deadline: 0 })
  } catch (error) {
    const left = keysLeft(error)
    return { capacity: noCapacity(), isLeft: key => left.has(keyText(key)) }
  }
}

/** @throws the error itself, unless it reports that some are unprocessed and others are not. */
function keysLeft(error: unknown): Set<string> {
  if (!(error instanceof ThrottledError) || error.details.done === 0) throw error
  return new Set(error.details.undoneKeys.map(key => keyText(key as Item)))
}

/** A text that is the same for equal keys, independent of the table. */
export function keyText(key: Item): string {
  const names = Object.keys(key).sort()
  return JSON.stringify(names.map(name => [name, writeValue(key[name] as Value)]))
}
