/** Changes a few positions of texts and bytes without regard to their meaning. */
import type { Random } from './random.js'

const CHARACTERS = [
  ...'(){}[]<>,.:;#?=+-*/%\'"`\\@!&|~^$_ \t\n\r0123456789aAeEzZ',
  '\0',
  '\u007f',
  '\u0080',
  'é',
  '\ud800',
  '😀',
  '\u2028',
]

export function mutateText(random: Random, text: string): string {
  let mutated = text
  for (let count = 1 + random.size(20); count > 0; count--) mutated = mutateOnce(random, mutated)
  return mutated
}

function mutateOnce(random: Random, text: string): string {
  const at = random.below(text.length + 1)
  const to = Math.min(text.length, at + random.size(200))
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at)
    case 1:
      return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at + 1)
    case 2:
      return text.slice(0, at) + text.slice(to)
    case 3:
      return text.slice(0, to) + text.slice(at)
    case 4:
      return text.slice(0, at)
    case 5:
      return text.slice(0, at) + random.pick(CHARACTERS).repeat(1 + random.size(3000)) + text.slice(at)
    default: {
      const from = random.below(text.length + 1)
      return text.slice(0, at) + text.slice(from, from + random.size(300)) + text.slice(to)
    }
  }
}

export function mutateBytes(random: Random, bytes: Uint8Array): Buffer {
  const mutated = Buffer.from(bytes)
  for (let count = 1 + random.size(20); count > 0 && mutated.length > 0; count--) {
    mutated[random.below(mutated.length)] = random.below(256)
  }
  return random.oneIn(5) ? mutated.subarray(0, random.below(mutated.length + 1)) : mutated
}
