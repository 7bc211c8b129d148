import { expect, it } from 'vitest'
import * as ast from '../../expression/ast.js'
import { checkOverlap } from './overlap.js'

const schema = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } } as const
const texts = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } } as const
const sk = ast.path('sk')

/** Of one partition, what `pk = 'a' AND ...` asks for. */
const branch = (sort?: ast.Condition, pk = 'a'): ast.Condition => {
  const partition = ast.compare(ast.path('pk'), '=', ast.value(pk))
  return sort ? ast.and(partition, sort) : partition
}
const is = (comparator: ast.Comparator, bound: ast.Operand) => ast.compare(sk, comparator, bound)
const n = (comparator: ast.Comparator, bound: number) => branch(is(comparator, ast.value(bound)))
const between = (low: number, high: number) => branch(ast.between(sk, ast.value(low), ast.value(high)))

it.each<[string, ast.Condition, ast.Condition, boolean]>([
  ['two values', n('=', 1), n('=', 2), false],
  ['one value twice', n('=', 1), n('=', 1), true],
  ['below and above', n('<', 1), n('>', 1), false],
  ['below and from', n('<', 1), n('>=', 1), false],
  ['up to and above', n('<=', 1), n('>', 1), false],
  ['up to and from', n('<=', 1), n('>=', 1), true],
  ['below and above a lower value', n('<', 2), n('>', 1), true],
  ['two that end above', n('<', 1), n('<=', 9), true],
  ['two that begin below', n('>', 9), n('>=', 1), true],
  ['a value at the end of those below it', n('=', 1), n('<', 1), false],
  ['a value at the end of those up to it', n('=', 1), n('<=', 1), true],
  ['a value at the start of those above it', n('=', 1), n('>', 1), false],
  ['a value at the start of those from it', n('=', 1), n('>=', 1), true],
  ['a value below those above', n('=', 0), n('>', 1), false],
  ['ranges that touch', between(1, 3), between(3, 5), true],
  ['ranges apart', between(1, 2), between(3, 5), false],
  ['a range within another', between(1, 9), between(3, 5), true],
  ['a range and what is below its start', between(1, 3), n('<', 1), false],
  ['a range and what is above its end', between(1, 3), n('>', 3), false],
  ['a range and what is from its end', between(1, 3), n('>=', 3), true],
  ['a whole partition and a range of it', branch(), n('>', 3), true],
  ['a whole partition twice', branch(), branch(), false],
  ['one range of two partitions', n('>', 3), branch(is('>', ast.value(3)), 'b'), false],
])('%s', (_, one, other, meets) => {
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
  ['what is below it', is('<', ast.value('ab')), false],
  ['what is up to it', is('<=', ast.value('ab')), true],
  ['what is from it', is('>=', ast.value('ab')), true],
  ['another before it', is('=', ast.value('aa')), false],
])('what begins with a text, and %s', (_, other, meets) => {
  const check = () => checkOverlap(texts, [branch(ast.beginsWith(sk, ast.value('ab'))), branch(other)])
  if (meets) expect(check).toThrow('Overlapping conditions with range keys')
  else expect(check).not.toThrow()
})
