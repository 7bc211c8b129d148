import { expect, it } from 'vitest'
import * as ast from '../../expression/ast.js'
import { checkOverlap } from './overlap.js'

const schema = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } } as const
const texts = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } } as const
const sk = ast.path('sk')

/** The rows of partition `pk` that also meet `sort`. */
const branch = (sort?: ast.Condition, pk = 'a'): ast.Condition => {
  const partition = ast.compare(ast.path('pk'), '=', ast.value(pk))
  return sort ? ast.and(partition, sort) : partition
}
const is = (comparator: ast.Comparator, bound: ast.Operand) => ast.compare(sk, comparator, bound)
const n = (comparator: ast.Comparator, bound: number) => branch(is(comparator, ast.value(bound)))
const between = (low: number, high: number) => branch(ast.between(sk, ast.value(low), ast.value(high)))

it.each<[string, ast.Condition, ast.Condition, boolean]>([
  ['= 1 and = 2', n('=', 1), n('=', 2), false],
  ['= 1 twice', n('=', 1), n('=', 1), true],
  ['< 1 and > 1', n('<', 1), n('>', 1), false],
  ['< 1 and >= 1', n('<', 1), n('>=', 1), false],
  ['<= 1 and > 1', n('<=', 1), n('>', 1), false],
  ['<= 1 and >= 1', n('<=', 1), n('>=', 1), true],
  ['< 2 and > 1', n('<', 2), n('>', 1), true],
  ['< 1 and <= 9', n('<', 1), n('<=', 9), true],
  ['> 9 and >= 1', n('>', 9), n('>=', 1), true],
  ['= 1 and < 1', n('=', 1), n('<', 1), false],
  ['= 1 and <= 1', n('=', 1), n('<=', 1), true],
  ['= 1 and > 1', n('=', 1), n('>', 1), false],
  ['= 1 and >= 1', n('=', 1), n('>=', 1), true],
  ['= 0 and > 1', n('=', 0), n('>', 1), false],
  ['touching ranges', between(1, 3), between(3, 5), true],
  ['separate ranges', between(1, 2), between(3, 5), false],
  ['a range within another', between(1, 9), between(3, 5), true],
  ['a range and values below its start', between(1, 3), n('<', 1), false],
  ['a range and values above its end', between(1, 3), n('>', 3), false],
  ['a range and values from its end on', between(1, 3), n('>=', 3), true],
  ['a whole partition and a range in it', branch(), n('>', 3), true],
  ['a whole partition twice', branch(), branch(), false],
  ['the same range in two partitions', n('>', 3), branch(is('>', ast.value(3)), 'b'), false],
])('%s overlap: $3', (_, one, other, meets) => {
  for (const branches of [
    [one, other],
    [other, one],
  ]) {
    const check = () => checkOverlap(schema, branches)
    if (meets) expect(check).toThrow('Overlapping conditions with range keys')
    else expect(check).not.toThrow()
  }
})

it.each<[string, ast.Condition, boolean]>([
  ['values below the prefix', is('<', ast.value('ab')), false],
  ['values up to the prefix', is('<=', ast.value('ab')), true],
  ['values from the prefix on', is('>=', ast.value('ab')), true],
  ['a value before the prefix', is('=', ast.value('aa')), false],
])('begins_with and %s overlap: $2', (_, other, meets) => {
  const check = () => checkOverlap(texts, [branch(ast.beginsWith(sk, ast.value('ab'))), branch(other)])
  if (meets) expect(check).toThrow('Overlapping conditions with range keys')
  else expect(check).not.toThrow()
})
