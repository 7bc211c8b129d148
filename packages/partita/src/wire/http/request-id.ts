/** Names of requests as AWS forms them: 52 digits and capital letters, of which the first half differs. */
import { randomFillSync } from 'node:crypto'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUV'
const PAIRS = Array.from({ length: 1024 }, (_, i) => `${DIGITS[i >> 5]}${DIGITS[i & 31]}`)
const PAIRS_OF_HALF = 13

const random = new Uint16Array(PAIRS_OF_HALF * 256)
let at = random.length

export function requestId(): string {
  return randomHalf() + SECOND_HALF
}

function randomHalf(): string {
  if (at === random.length) {
    randomFillSync(random)
    at = 0
  }
  let text = ''
  for (let i = 0; i < PAIRS_OF_HALF; i++) text += PAIRS[(random[at++] as number) & 1023]
  return text
}

const SECOND_HALF = randomHalf()
