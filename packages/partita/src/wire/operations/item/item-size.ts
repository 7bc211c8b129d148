/** The limit on the size of an item. */
import { checkItemBytes } from '../../../value/size.js'
import type { ReadItem } from '../../protocol/attribute-value.js'
import { awsErrorOf } from '../../protocol/translate-error.js'

/** @throws AwsError for an item over 400 KB. */
export function checkSize({ size }: ReadItem): void {
  try {
    checkItemBytes(size)
  } catch (error) {
    throw awsErrorOf(error)
  }
}
