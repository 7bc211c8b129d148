import { describe, expect, test } from 'vitest'
import { MAX_NAME_BYTES } from '../../value/size.js'
import { and, compare, exists, not, or, path, type Update, value } from '../ast.js'
import { Aliases, parseCondition, parseKeyCondition, parseProjection, parseUpdate } from './index.js'

const VALUES = { ':v': 1, ':w': 2 }
const condition = (text: string) => parseCondition(text, new Aliases({ '#n': 'na.me' }, VALUES))
const update = (text: string) => parseUpdate(text, new Aliases({ '#n': 'na.me' }, VALUES))
const equal = (name: string) => compare(path(name), '=', value(1))

describe('conditions', () => {
  test('AND binds tighter than OR, and NOT tighter than AND', () => {
    expect(condition('a = :v OR b = :v AND NOT c = :v')).toEqual(or(equal('a'), and(equal('b'), not(equal('c')))))
    expect(condition('(a = :v OR b = :v) AND c = :v')).toEqual(and(or(equal('a'), equal('b')), equal('c')))
  })

  test('parentheses are kept as grouping', () => {
    expect(condition('a = :v AND b = :v AND c = :v')).toEqual(and(equal('a'), equal('b'), equal('c')))
    expect(condition('(a = :v AND b = :v) AND c = :v')).toEqual(and(and(equal('a'), equal('b')), equal('c')))
  })

  test('operands may have parentheses of their own', () => {
    const plain = condition('a BETWEEN :v AND :w AND size(b) = :v AND contains(c, :w)')
    expect(condition('(a) BETWEEN (:v) AND (:w) AND (size((b))) = (:v) AND contains((c),(:w))')).toEqual(plain)
  })

  test('keywords may be in any case, and white space is optional', () => {
    expect(condition('a=:v\tand\r\nNoT b=:v')).toEqual(condition('a = :v AND NOT b = :v'))
    expect(condition('NOT(a=:v)AND(b=:v)')).toEqual(condition('NOT a = :v AND b = :v'))
    expect(condition('attribute_exists ( a . b [ 0 ] )')).toEqual(exists(['a', 'b', 0]))
  })

  test('a placeholder for a name is one step, whatever characters the name has', () => {
    expect(condition('attribute_exists(a.#n[1].#n)')).toEqual(exists(['a', 'na.me', 1, 'na.me']))
  })

  test.each([
    ['', /expected an attribute name at position 0, but the expression ends/],
    ['   ', /at position 3, but the expression ends/],
    ['a', /expected a comparator, BETWEEN or IN at position 1/],
    ['NOT a', /expected a comparator/],
    ['a AND b = :v', /expected a comparator, BETWEEN or IN at position 2, but found "AND"/],
    ['a = :v b', /expected AND, OR or the end at position 7, but found "b"/],
    ['a = :v AND', /position 10, but the expression ends/],
    ['(a = :v', /expected "\)" at position 7/],
    ['a = :v)', /expected AND, OR or the end at position 6/],
    ['(a = :v) = :v', /expected AND, OR or the end at position 9/],
    ['((a = :v))', /parentheses at position 0 are redundant/],
    ['a = ((:v))', /parentheses at position 4 are redundant/],
    ['a != :v', /found "!"/],
    ['a == :v', /expected an attribute name at position 3/],
    ['a < > :v', /found ">"/],
    ['a BETWEEN :v', /expected AND and the upper bound/],
    ['a IN ()', /found "\)"/],
    ['a IN :v', /expected "\("/],
    ['a = :missing', /a placeholder that is defined at position 4, but found ":missing"/],
    ['#missing = :v', /a placeholder that is defined at position 0/],
    ['status = :v', /not a reserved word .* at position 0, but found "status"/],
    ['a.Status = :v', /not a reserved word .* at position 2/],
    ['a[b] = :v', /a list index/],
    ['a[01] = :v', /a list index/],
    ['a[2147483648] = :v', /a list index/],
    ['a[-1] = :v', /a list index/],
    ['9a = :v', /an attribute name at position 0/],
    ['_a = :v', /found "_"/],
    ['é = :v', /found "é"/],
    ['ATTRIBUTE_EXISTS(a)', /a function for conditions/],
    ['constructor(a)', /a function for conditions/],
    ['if_not_exists(a, :v) = :v', /a function for conditions/],
    ['a = contains(b, :v)', /a path, a value or size\(path\)/],
    ['attribute_exists(:v)', /expected an attribute name/],
    ['contains(a)', /expected ","/],
    ['begins_with(a, :v, :w)', /expected "\)"/],
    ['size(:v) = :v', /expected an attribute name/],
  ])('the condition is refused: %s', (text, message) => {
    expect(() => condition(text)).toThrow(message)
    expect(() => condition(text)).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
  })
})

describe('updates', () => {
  test('an update has its four clauses in any order', () => {
    const expected: Update = {
      set: [
        { path: ['a'], value: { kind: 'plus', left: path('a'), right: value(1) } },
        { path: ['b'], value: { kind: 'ifNotExists', path: ['c'], fallback: value(2) } },
      ],
      remove: [['c', 0], ['d']],
      add: [{ path: ['e'], value: 1 }],
      delete: [{ path: ['f'], value: 1 }],
    }
    const texts = ['set a = (a + :v), b = if_not_exists((c), (:w))', 'REMOVE c[0], d', 'Add e :v', 'DELETE f :v']
    expect(update(texts.join(' '))).toEqual(expected)
    expect(update(texts.reverse().join(' '))).toEqual(expected)
  })

  test.each([
    ['', /expected SET, REMOVE, ADD, DELETE at position 0/],
    ['SET', /expected an attribute name/],
    ['SET a = :v SET b = :v', /a second SET clause at position 11/],
    ['SET a = :v,', /expected an attribute name/],
    ['SET a = :v + :v + :v', /expected SET, REMOVE, ADD, DELETE at position 16/],
    ['SET a = (:v + :v) + :v', /expected SET, REMOVE, ADD, DELETE/],
    ['SET a = size(b)', /expected if_not_exists or list_append/],
    ['SET a = if_not_exists(:v, :v)', /expected an attribute name/],
    ['SET (a) = :v', /expected an attribute name/],
    ['ADD a b', /expected a value placeholder/],
    ['ADD a = :v', /expected a value placeholder/],
    ['REMOVE a REMOVE b', /a second REMOVE/],
    ['SET name = :v', /not a reserved word/],
  ])('the update is refused: %s', (text, message) => {
    expect(() => update(text)).toThrow(message)
  })
})

describe('key conditions', () => {
  const key = (text: string, partition?: string) => parseKeyCondition(text, new Aliases({}, VALUES), partition)

  test('the sort key may be on either side of AND', () => {
    const expected = { partition: { name: 'pk', value: 1 }, sort: { kind: 'between', name: 'sk', low: 1, high: 2 } }
    expect(key('pk = :v AND sk BETWEEN :v AND :w')).toEqual(expected)
    expect(key('(sk BETWEEN :v AND :w) AND :v = pk')).toEqual(expected)
  })

  test("the partition of two equalities is the one with the partition key's name, or else the first", () => {
    expect(key('a = :v AND b = :w').partition).toEqual({ name: 'a', value: 1 })
    expect(key('a = :v AND b = :w', 'b').partition).toEqual({ name: 'b', value: 2 })
  })

  test.each([
    ['pk > :v', /needs the partition key = a value/],
    ['pk = :v OR sk = :v', /and nothing else/],
    ['NOT pk = :v', /and nothing else/],
    ['pk = :v AND sk <> :v', /and nothing else/],
    ['pk = :v AND pk = :w', /at most one/],
    ['pk = :v AND a = :v AND b = :v', /at most one/],
    ['pk.a = :v', /not a part of an attribute/],
    ['pk = sk', /not with other attributes/],
    ['size(pk) = :v', /not a part of an attribute/],
  ])('the key condition is refused: %s', (text, message) => {
    expect(() => key(text)).toThrow(message)
  })
})

describe('placeholders', () => {
  test('placeholders that no expression of the request uses are refused', () => {
    const aliases = new Aliases({ '#a': 'a', '#b': 'b' }, { ':v': 1, ':w': 2 })
    parseCondition('#a = :v', aliases)
    expect(() => aliases.checkAllUsed()).toThrow(/no expression uses #b, :w/)
    parseProjection('#b', aliases)
    parseUpdate('SET #a = :w', aliases)
    expect(() => aliases.checkAllUsed()).not.toThrow()
  })

  test('placeholders that are malformed or undefined are refused', () => {
    expect(() => new Aliases({ a: 'a' })).toThrow(/"a" is not a placeholder/)
    expect(() => new Aliases({ '#a-b': 'a' })).toThrow(/not a placeholder/)
    expect(() => new Aliases({}, { '#v': 1 })).toThrow(/not a placeholder/)
    expect(() => new Aliases({ '#a': '' })).toThrow(/#a: must be an attribute name/)
    expect(() => new Aliases({ '#a': 'x'.repeat(MAX_NAME_BYTES + 1) })).toThrow(/#a: must be an attribute name/)
    expect(() => new Aliases({}, { ':v': new Set<string>() })).toThrow(/:v: is an empty set/)
  })
})

describe('limits for untrusted text', () => {
  test('an expression may have 4 KB', () => {
    expect(() => condition(`a = :v${' '.repeat(4090)}`)).not.toThrow()
    expect(() => condition(`a = :v${' '.repeat(4091)}`)).toThrow(/4097 bytes; the limit is 4096/)
    expect(() => condition('('.repeat(10_000_000))).toThrow(/4 KB/)
  })

  test('an expression may have 300 operators', () => {
    expect(() => condition(`${'a=:v OR '.repeat(149)}a=:v`)).not.toThrow()
    expect(() => condition(`${'a=:v OR '.repeat(150)}a=:v`)).toThrow(/over 300 operators/)
    expect(() => condition(`${'NOT '.repeat(1000)}a=:v`)).toThrow(/over 300 operators/)
    expect(() => update(`SET a=${'if_not_exists(a,'.repeat(250)}:v`)).toThrow(/expected "\)"/)
  })

  test('the nesting of an expression is limited', () => {
    expect(() => condition('('.repeat(4096))).toThrow(/at most 300 levels of parentheses/)
    expect(() => condition(`a = ${'('.repeat(4000)}`)).toThrow(/at most 300 levels of parentheses/)
    expect(() => update(`SET a = ${'('.repeat(4000)}`)).toThrow(/at most 300 levels of parentheses/)
    expect(() => parseProjection(`a${'.b'.repeat(32)}`, new Aliases())).toThrow(/33 steps; the limit is 32/)
  })
})
