/** Text that breaks a careless encoding of keys. */
import fc from 'fast-check'

/** Characters with a meaning in keys, characters that sort below and above them, and characters of one to four bytes. */
const characters = [
  ...'\u0000\u0001\t\n\u001f !"#$%&\'*+-./029:;<=>?@ABTU[]^_`abz{|}~\u007f',
  ...'\u0080é\u00ffß\u07ff\u0800\u2028中\ud7ff\ue000\ufffd\uffff',
  ...'\u{10000}😀\u{10ffff}',
]

/** Texts that look like parts of keys. */
const lookalikes = [
  '%23',
  '#',
  '##',
  'T#',
  'T#x#',
  'UNIQUE',
  'UNIQUE#',
  '%',
  '%25',
  'a',
  'a#',
  'a!',
  'a%',
  'a b',
  'ab',
  'é',
  'e\u0301',
]

export function hostileText({ minLength = 0, maxLength = 5 }: { minLength?: number; maxLength?: number } = {}) {
  return fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength }) },
    { weight: 2, arbitrary: fc.constantFrom(...lookalikes) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength, maxLength }) },
  )
}
