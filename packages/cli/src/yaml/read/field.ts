/** Reads fields: each becomes the chain of calls that builds it. */
import { type FieldType, TYPE_BY_NAME } from '../grammar/field-types.js'
import type { BuilderArgument, BuilderCall, FieldDescription, PlainValue } from '../model-set.js'
import { suggestion } from '../nearest.js'
import type { ReportProblem } from '../problem.js'
import { describeNode, entriesOf, itemsOf, type MapEntry, member, plainOf, type TreeNode, textOf } from '../tree.js'
import { defaultOf, exactNumber, timeOf } from './field-default.js'
import { isTrue, optionOf } from './options.js'

/** Kinds whose bounds are numbers as written, with all digits. */
const EXACT = new Set(['bigint', 'decimal'])

/** Reads the fields of a model or of a map. */
export class FieldReader {
  readonly #report: ReportProblem
  readonly #customTypes: ReadonlySet<string>

  /** @param customTypes names of types that are made by the program's own functions. */
  constructor(report: ReportProblem, customTypes: ReadonlySet<string>) {
    this.#report = report
    this.#customTypes = customTypes
  }

  /** @param keyFields fields of the key, which are never optional. */
  read({ name, at, value }: MapEntry, keyFields: ReadonlySet<string>): FieldDescription {
    const typeNode = member(value, 'type') ?? value
    const typeName = textOf(typeNode) ?? ''
    const isRequired = keyFields.has(name) || this.#isRequired(value, typeName)
    const description = textOf(member(value, 'description'))
    const described = { name, type: typeName, description, at }
    if (this.#customTypes.has(typeName)) {
      const options = Object.fromEntries(
        entriesOf(value).flatMap(it => (it.name === 'type' ? [] : [[it.name, plainOf(it.value)]])),
      )
      const base: BuilderCall = { call: typeName, args: [{ kind: 'plain', value: options }] }
      const calls = isRequired ? [base] : [base, { call: 'optional', args: [] }]
      return { ...described, calls, required: isRequired, target: undefined, custom: options }
    }
    const type = TYPE_BY_NAME.get(typeName)
    if (!type) {
      const near = suggestion(typeName, [...TYPE_BY_NAME.keys(), ...this.#customTypes])
      this.#report(typeNode.at, `${name} is ${describeNode(typeNode)}, which is not a type of fields; ${near}`)
      return { ...described, calls: [], required: isRequired, target: undefined, custom: undefined }
    }
    const calls = this.#chain(type, value)
    if (!isRequired && !type.isFilled) calls.push({ call: 'optional', args: [] })
    const target = type.call === 'ref' ? textOf(member(value, 'model')) : undefined
    return { ...described, calls, required: isRequired || type.isFilled === true, target, custom: undefined }
  }

  /** DynamoBao's types are optional unless they say otherwise, except ids, which it always requires. */
  #isRequired(node: TreeNode, typeName: string): boolean {
    const option = optionOf(node, ['required', 'optional'], this.#report)
    if (option) return isTrue(option.value) === (option.name === 'required')
    return !typeName.endsWith('Field') || typeName === 'UlidField'
  }

  #chain(type: FieldType, node: TreeNode): BuilderCall[] {
    const calls: BuilderCall[] = [{ call: type.call, args: this.#baseArguments(type, node) }]
    const call = (name: string, ...args: BuilderArgument[]): void => {
      calls.push({ call: name, args })
    }
    if (type.call !== 'asset') {
      if (isTrue(optionOf(node, ['auto', 'autoAssign'], this.#report)?.value)) call('auto')
      for (const bound of ['min', 'max'] as const) {
        const names = [bound, `${bound}Length`, ...(bound === 'max' ? ['maxMemberCount'] : [])]
        const option = optionOf(node, names, this.#report)
        if (option) call(bound, this.#bound(type, option.value))
      }
    }
    const pattern = member(node, 'pattern')
    if (pattern) call('pattern', this.#pattern(pattern))
    const digits = member(node, 'precision')
    if (digits?.kind === 'scalar') call('transform', { kind: 'rounding', digits: Number(digits.value) })
    const fallback = optionOf(node, ['default', 'defaultValue'], this.#report)
    if (fallback) {
      const value = defaultOf(node, type, fallback.value, this.#report)
      if (value !== undefined) call('default', value)
    }
    if (isTrue(member(node, 'readonly'))) call('readonly')
    const attribute = textOf(member(node, 'attribute'))
    if (attribute !== undefined) call('attribute', attribute)
    return calls
  }

  #baseArguments({ call }: FieldType, node: TreeNode): BuilderArgument[] {
    const text = (name: string): string => textOf(member(node, name)) ?? ''
    const options = (...names: string[]): BuilderArgument[] => {
      const given = entriesOf(node).filter(({ name }) => names.includes(name))
      const value = Object.fromEntries(given.map(it => [it.name, plainOf(it.value)]))
      return given.length === 0 ? [] : [{ kind: 'plain', value: value as PlainValue }]
    }
    switch (call) {
      case 'enum': {
        const values = itemsOf(member(node, 'values')).map(item => textOf(item) ?? '')
        const twice = values.find((value, i) => values.indexOf(value) !== i)
        if (twice !== undefined) this.#report(node.at, `${JSON.stringify(twice)} is in values twice`)
        return values
      }
      case 'ref':
        return [text('model'), ...options('guard', 'onDelete')]
      case 'countOf':
        return [text('ref')]
      case 'asset':
        return options('types', 'min', 'max')
      case 'list':
      case 'record':
      case 'set':
        return [{ kind: 'field', calls: this.#element(node) }]
      case 'map':
        return [{ kind: 'fields', fields: entriesOf(member(node, 'fields')).map(entry => this.read(entry, new Set())) }]
      default:
        return []
    }
  }

  /** The calls of an element. It is never optional: a list has it, or has it not. */
  #element(node: TreeNode): readonly BuilderCall[] {
    const of = member(node, 'of')
    if (of) {
      const { calls } = this.read({ name: 'of', at: of.at, value: of }, new Set())
      return calls.filter(({ call }) => call !== 'optional')
    }
    const longest = member(node, 'maxStringLength')
    const text: BuilderCall = { call: 'string', args: [] }
    return longest?.kind === 'scalar' ? [text, { call: 'max', args: [Number(longest.value)] }] : [text]
  }

  #bound({ call }: FieldType, node: TreeNode): BuilderArgument {
    if (EXACT.has(call)) return exactNumber(call, node, this.#report)
    if (call === 'date') return timeOf(node, this.#report)
    return node.kind === 'scalar' ? Number(node.value) : 0
  }

  /**
   * With the flag `u`, so that `\p{L}` and characters beyond 16 bits work, and no part of a pattern is silently something
   * else.
   */
  #pattern(node: TreeNode): BuilderArgument {
    const source = withoutNeedlessEscapes(textOf(node) ?? '')
    try {
      return { kind: 'pattern', source: new RegExp(source, 'u').source, flags: 'u' }
    } catch (error) {
      const reason = (error as Error).message.replace(/^Invalid regular expression: /, '')
      this.#report(node.at, `pattern ${reason}`)
      return { kind: 'pattern', source: '(?:)', flags: 'u' }
    }
  }
}

/** Characters that have no meaning without an escape. The flag `u` does not allow to escape them. */
const PLAIN = /[^\w\s^$\\.*+?()[\]{}|/-]|_/

/** A pattern without escapes such as `\@`, and `\-` outside of brackets. */
function withoutNeedlessEscapes(pattern: string): string {
  let kept = ''
  let isInBrackets = false
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] as string
    const next = pattern[i + 1]
    if (character === '\\' && next !== undefined) {
      const isNeedless = next === '-' ? !isInBrackets : PLAIN.test(next)
      kept += isNeedless ? next : character + next
      i++
      continue
    }
    if (character === '[') isInBrackets = true
    if (character === ']') isInBrackets = false
    kept += character
  }
  return kept
}
