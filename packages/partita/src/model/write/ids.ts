/** Identifiers: ULIDs for keys, and revision tokens. */

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_CHARACTERS = 10
const RANDOM_CHARACTERS = 16

/**
 * Makes monotonic ULIDs: within one millisecond the random part increments.
 * @param clock milliseconds since 1970.
 */
export function ulids(clock: () => number): () => string {
  let last = -1
  let time = ''
  let random: number[] = []
  return () => {
    const now = Math.max(clock(), last)
    if (now !== last || !increment(random)) {
      time = timeText(now)
      random = Array.from(globalThis.crypto.getRandomValues(new Uint8Array(RANDOM_CHARACTERS)), byte => byte & 31)
      last = now
    }
    return time + random.map(digit => CROCKFORD[digit]).join('')
  }
}

function timeText(milliseconds: number): string {
  let rest = milliseconds
  let text = ''
  for (let i = 0; i < TIME_CHARACTERS; i++) {
    text = CROCKFORD[rest % 32] + text
    rest = Math.floor(rest / 32)
  }
  return text
}

/** @returns false if the number overflowed. */
function increment(digits: number[]): boolean {
  for (let i = digits.length - 1; i >= 0; i--) {
    if (digits[i] !== 31) {
      digits[i] = (digits[i] as number) + 1
      return true
    }
    digits[i] = 0
  }
  return false
}

/**
 * Makes globally unique revision tokens: 72 random bits per source, then a counter. The random bits are drawn with
 * the first token, since some runtimes allow that only while they serve a request.
 */
export function revisions(): () => string {
  let source = ''
  let count = 0
  return () => {
    if (source === '') {
      const bytes = globalThis.crypto.getRandomValues(new Uint8Array(9))
      source = btoa(String.fromCharCode(...bytes))
    }
    return source + (count++).toString(36)
  }
}

/** A 32-bit hash that depends on every character (FNV-1a). */
export function hash(text: string): number {
  let mixed = 0x811c9dc5
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193)
  return mixed >>> 0
}
