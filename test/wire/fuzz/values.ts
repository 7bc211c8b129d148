/** Attribute values as requests write them: mostly valid ones, of every type. */

import type { Random } from './random.js'
import { base64Text, numberText, oddName, oddText } from './words.js'

export function attributeValue(random: Random, depth = 0): object {
  switch (random.below(depth > 3 ? 8 : 10)) {
    case 0:
    case 1:
      return { S: random.oneIn(3) ? oddText(random) : random.pick(['a', 'b', 'item', 'x1']) }
    case 2:
      return { N: random.oneIn(3) ? numberText(random) : String(random.below(50)) }
    case 3:
      return { B: base64Text(random) }
    case 4:
      return { BOOL: random.oneIn(2) }
    case 5:
      return { NULL: !random.oneIn(5) }
    case 6:
      return {
        [random.pick(['SS', 'NS', 'BS'])]: random.list(random.size(300), index =>
          random.oneIn(9) ? '1' : String(index + 10),
        ),
      }
    case 7:
      return { S: 'b' }
    case 8:
      return { L: random.list(random.size(60), () => attributeValue(random, depth + 1)) }
    default:
      return {
        M: Object.fromEntries(random.list(random.size(40), () => [oddName(random), attributeValue(random, depth + 1)])),
      }
  }
}
