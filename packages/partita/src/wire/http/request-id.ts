/** Request ids in AWS's form: 52 digits and capital letters. */
import { randomBytes } from 'node:crypto'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUV'
const PAIRS = Array.from({ length: 1024 }, (_, i) => `${DIGITS[i >> 5]}${DIGITS[i & 31]}`)
const COUNTED = 2 ** 40

/** Made for the first request, so that a server starts without `node:crypto`. */
let ofThisProcess: string | undefined
let count = 0

/** Eight characters that count up from a random start, and 44 that identify this process. */
export function requestId(): string {
  if (ofThisProcess === undefined) {
    ofThisProcess = [...randomBytes(44)].map(byte => DIGITS[byte & 31]).join('')
    count = randomBytes(5).readUIntBE(0, 5)
  }
  count = (count + 1) % COUNTED
  const high = Math.floor(count / 2 ** 20)
  const low = count % 2 ** 20
  return `${PAIRS[low & 1023]}${PAIRS[low >> 10]}${PAIRS[high & 1023]}${PAIRS[high >> 10]}${ofThisProcess}`
}
