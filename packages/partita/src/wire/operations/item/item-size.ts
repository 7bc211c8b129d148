/** How large an item may be, whatever its table is. */
import { measureItem } from '../../../value/size.js'
import type { Item } from '../../../value/value.js'
import { awsErrorOf } from '../../protocol/translate-error.js'

/** @throws AwsError for an item of over 400 KB. */
export function checkSize(item: Item): void {
  try {
    measureItem(item)
  } catch (error) {
    throw awsErrorOf(error)
  }
}
