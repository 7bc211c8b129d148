/** The limit on the size of an item. */
import { measureItem } from '../../../value/size.js'
import type { Item } from '../../../value/value.js'
import { awsErrorOf } from '../../protocol/translate-error.js'

/** @throws AwsError for an item over 400 KB. */
export function checkSize(item: Item): void {
  try {
    measureItem(item)
  } catch (error) {
    throw awsErrorOf(error)
  }
}
