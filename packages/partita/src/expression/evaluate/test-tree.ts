/** Compiles a condition for many items: operators become functions, and AND, OR and NOT the nodes of a tree. */
import { compareBytes, typeOf, type Value } from '../../value/value.js'
import type { Comparator, Condition, Operand } from '../ast.js'
import type { Attributes } from '../path/get.js'
import { candidatesOf, containing } from './containing.js'
import { Equality } from './equality.js'
import type { Memo } from './memo.js'
import { type Access, type Reader, readerOf } from './operand.js'
import { isInOrder, type Order, orderAgainst, orderOf } from './order.js'
import type { Work } from './work.js'

/** Whether an item passes. An operator reads the item at most once. */
export type Test = (item: Attributes) => boolean

/** A compiled condition: operators are functions that count themselves as a step, AND, OR and NOT are nodes. */
export type TestTree =
  | { readonly kind: 'test'; readonly test: Test }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly TestTree[] }
  | { readonly kind: 'not'; readonly part: TestTree }

/** Compiles a condition for evaluation against many items. */
export function testTree(condition: Condition, memo: Memo, work: Work, access: Access): TestTree {
  return new Builder(memo, work, access).tree(condition)
}

class Builder {
  readonly #memo: Memo
  readonly #work: Work
  readonly #access: Access

  constructor(memo: Memo, work: Work, access: Access) {
    this.#memo = memo
    this.#work = work
    this.#access = access
  }

  tree(condition: Condition): TestTree {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return { kind: condition.kind, parts: condition.conditions.map(part => this.tree(part)) }
      case 'not':
        return { kind: 'not', part: this.tree(condition.condition) }
      case 'in':
        return this.#in(condition.operand, condition.list)
      default:
        return this.#step(this.#test(condition))
    }
  }

  #step(test: Test): TestTree {
    const work = this.#work
    return {
      kind: 'test',
      test(item) {
        work.steps++
        const verdict = test(item)
        work.check()
        return verdict
      },
    }
  }

  #test(condition: Exclude<Condition, { kind: 'and' | 'or' | 'not' | 'in' }>): Test {
    switch (condition.kind) {
      case 'compare':
        return this.#compare(condition.comparator, condition.left, condition.right)
      case 'between': {
        const isFrom = this.#compare('>=', condition.operand, condition.low)
        const isTo = this.#compare('<=', condition.operand, condition.high)
        return item => isFrom(item) && isTo(item)
      }
      case 'exists':
        return this.#access.presence(condition.path)
      case 'notExists': {
        const isPresent = this.#access.presence(condition.path)
        return item => !isPresent(item)
      }
      case 'type': {
        const [read, type] = [this.#access.reader(condition.path), this.#read(condition.type)]
        return item => {
          const value = read(item)
          return value !== undefined && typeOf(value) === type(item)
        }
      }
      case 'beginsWith':
        return this.#both(condition.operand, condition.prefix, (value, prefix) => beginsWith(value, prefix, this.#work))
      case 'contains':
        return this.#contains(condition.operand, condition.member)
    }
  }

  /** One test does all hash lookups; each other operand is a test of its own. */
  #in(operand: Operand, list: readonly Operand[]): TestTree {
    const { has, rest } = candidatesOf(list.flatMap(member => (member.kind === 'value' ? [member.value] : [])))
    const others: Operand[] = [
      ...rest.map(value => ({ kind: 'value', value }) as const),
      ...list.filter(({ kind }) => kind !== 'value'),
    ]
    const read = this.#read(operand)
    const isFound: Test = item => {
      const value = read(item)
      return value !== undefined && has(value)
    }
    if (others.length === 0) return this.#step(isFound)
    const tests = [isFound, ...others.map(other => this.#compare('=', operand, other))]
    return { kind: 'or', parts: tests.map(test => this.#step(test)) }
  }

  #compare(comparator: Comparator, left: Operand, right: Operand): Test {
    if (comparator === '=' || comparator === '<>') return this.#equals(comparator, left, right)
    if (right.kind === 'value') return this.#orders(comparator, left, orderAgainst(right.value, this.#work))
    return this.#both(left, right, (a, b) => isInOrder(comparator, orderOf(a, b, this.#work)))
  }

  #orders(comparator: Exclude<Comparator, '=' | '<>'>, operand: Operand, order: Order): Test {
    const read = this.#read(operand)
    return item => {
      const value = read(item)
      return value !== undefined && isInOrder(comparator, order(value))
    }
  }

  /** A missing attribute equals nothing, so `<>` is true for it. */
  #equals(comparator: '=' | '<>', left: Operand, right: Operand): Test {
    const isWanted = comparator === '='
    const [wanted, operand] = right.kind === 'value' ? [right, left] : [left, right]
    const read = this.#read(operand)
    if (wanted.kind !== 'value') {
      const other = this.#read(wanted)
      return item => {
        const [a, b] = [other(item), read(item)]
        return (a !== undefined && b !== undefined && this.#memo.equality(a).holds(b)) === isWanted
      }
    }
    if (typeof wanted.value === 'string' && operand.kind === 'path') {
      const isText = this.#access.isText(operand.path, wanted.value)
      return isWanted ? isText : item => !isText(item)
    }
    const equality = new Equality(wanted.value, this.#work)
    return item => {
      const value = read(item)
      return (value !== undefined && equality.holds(value)) === isWanted
    }
  }

  #contains(operand: Operand, member: Operand): Test {
    const [memo, work] = [this.#memo, this.#work]
    if (member.kind !== 'value') {
      return this.#both(operand, member, (value, part) =>
        memo.containing(part, () => containing(part, memo, work))(value),
      )
    }
    const read = this.#read(operand)
    const contains = containing(member.value, memo, work)
    return item => {
      const value = read(item)
      return value !== undefined && contains(value)
    }
  }

  #both(left: Operand, right: Operand, holds: (left: Value, right: Value) => boolean): Test {
    const [readLeft, readRight] = [this.#read(left), this.#read(right)]
    return item => {
      const [a, b] = [readLeft(item), readRight(item)]
      return a !== undefined && b !== undefined && holds(a, b)
    }
  }

  #read(operand: Operand): Reader {
    return readerOf(operand, this.#memo, this.#access)
  }
}

function beginsWith(value: Value, prefix: Value, work: Work): boolean {
  if (typeof value === 'string') {
    if (typeof prefix !== 'string' || prefix.length > value.length) return false
    work.looked(prefix.length)
    return value.startsWith(prefix)
  }
  if (!(value instanceof Uint8Array && prefix instanceof Uint8Array) || prefix.length > value.length) return false
  work.looked(prefix.length)
  return compareBytes(value.subarray(0, prefix.length), prefix) === 0
}
