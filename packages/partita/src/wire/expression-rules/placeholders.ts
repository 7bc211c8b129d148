/** ExpressionAttributeNames and ExpressionAttributeValues: resolves placeholders and records which are used. */
import { ExpressionError, type PlaceholderLookup, type Token } from '../../expression/parse/index.js'
import { MAX_NAME_BYTES, measureValue, utf8Length } from '../../value/size.js'
import type { Value } from '../../value/value.js'
import { readValue, type Typed, type TypedItem } from '../protocol/attribute-value.js'
import { AwsError, InputError, validation } from '../protocol/aws-error.js'
import { ValueError } from '../protocol/legacy-messages.js'

const NAME = /^#[A-Za-z0-9_]+$/
const VALUE = /^:[A-Za-z0-9_]+$/
const MAX_PLACEHOLDER_BYTES = 255
/** Maximum bytes of all values of a request: 2 MB, see "Quotas" in AWS's guide. */
const MAX_VALUES_BYTES = 2 * 1024 * 1024
/** A name of fewer UTF-16 units is never too long, since a unit has at most three bytes in UTF-8. */
const SURELY_SHORT = MAX_NAME_BYTES / 3

type Names = { readonly [placeholder: string]: string }

/** Resolves the placeholders of one request and records which of them its expressions use. */
export class RequestPlaceholders implements PlaceholderLookup {
  readonly #names: Names
  readonly #values = new Map<string, Value>()
  readonly #used = new Set<string>()

  /** Checks names before values, and placeholders before their replacements. @throws AwsError */
  constructor(names: Names | undefined, values: TypedItem | undefined) {
    if (names) checkNames(names)
    this.#names = names ?? {}
    if (values) this.#readValues(values)
  }

  name({ text }: Token): string {
    if (!Object.hasOwn(this.#names, text)) throw new ExpressionError('name', text, { shown: text })
    this.#used.add(text)
    return this.#names[text] as string
  }

  value({ text }: Token): Value {
    const value = this.#values.get(text)
    if (value === undefined) throw new ExpressionError('value', text, { shown: text })
    this.#used.add(text)
    return value
  }

  /** @throws AwsError naming the placeholders that no expression used. */
  checkUsed(): void {
    this.#checkUsed('ExpressionAttributeNames', Object.keys(this.#names))
    this.#checkUsed('ExpressionAttributeValues', [...this.#values.keys()])
  }

  #checkUsed(member: string, placeholders: readonly string[]): void {
    const unused = placeholders.filter(placeholder => !this.#used.has(placeholder))
    if (unused.length === 0) return
    throw new InputError(`Value provided in ${member} unused in expressions: keys: {${unused.sort().join(', ')}}`)
  }

  #readValues(values: TypedItem): void {
    const placeholders = Object.keys(values)
    if (placeholders.length === 0) throw new InputError('ExpressionAttributeValues must not be empty')
    for (const placeholder of placeholders) {
      if (VALUE.test(placeholder) && placeholder.length <= MAX_PLACEHOLDER_BYTES) continue
      throw validation(`ExpressionAttributeValues contains invalid key: ${placeholderProblem(placeholder, '')}`)
    }
    let bytes = 0
    for (const placeholder of placeholders) {
      const value = readNamed(placeholder, values[placeholder] as Typed)
      bytes += measureValue(value)
      if (bytes > MAX_VALUES_BYTES) throw validation('ExpressionAttributeValues exceeds max size')
      this.#values.set(placeholder, value)
    }
  }
}

function checkNames(names: Names): void {
  const placeholders = Object.keys(names)
  if (placeholders.length === 0) throw new InputError('ExpressionAttributeNames must not be empty')
  for (const placeholder of placeholders) {
    if (NAME.test(placeholder) && placeholder.length <= MAX_PLACEHOLDER_BYTES) continue
    const size = ` size of key: ${utf8Length(placeholder)}`
    throw validation(`ExpressionAttributeNames contains invalid key: ${placeholderProblem(placeholder, size)}`)
  }
  for (const placeholder of placeholders) {
    const problem = nameProblem(names[placeholder] as string)
    if (problem) throw validation(`ExpressionAttributeNames contains invalid value: ${problem} for key ${placeholder}`)
  }
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'Empty attribute name'
  if (name.length <= SURELY_SHORT || (utf8Length(name) ?? MAX_NAME_BYTES + 1) <= MAX_NAME_BYTES) return undefined
  return 'Attribute name is too large, must be less than 65536 bytes'
}

function placeholderProblem(placeholder: string, size: string): string {
  if (placeholder === '') return 'The expression attribute map contains an empty key;'
  const isLong = (utf8Length(placeholder) ?? placeholder.length) > MAX_PLACEHOLDER_BYTES
  if (isLong) return `The expression attribute map contains a key that is too long;${size}`
  return `Syntax error; key: "${placeholder}"`
}

function readNamed(placeholder: string, typed: Typed): Value {
  try {
    return readValue(typed)
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    const worded = (message: string) =>
      `ExpressionAttributeValues contains invalid value: ${message} for key ${placeholder}`
    if (error instanceof ValueError) throw new ValueError(error.message, worded(error.older))
    throw validation(worded(error.message))
  }
}
