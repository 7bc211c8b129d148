import { expect, test } from 'vitest'
import type { Item } from '../../value/value.js'
import { checkProjection } from '../validate/update.js'
import { project } from './projection.js'

const item: Item = { l: [1, { a: 1, b: 2 }, [5, 6], 4], m: { k: 1, q: { r: 2, t: 3 } }, e: {}, el: [] }

test('paths into the same map are projected into one map', () => {
  expect(
    project(
      [
        ['m', 'q', 't'],
        ['m', 'k'],
      ],
      item,
    ),
  ).toEqual({ m: { q: { t: 3 }, k: 1 } })
})

test('projected list elements move together and keep their order', () => {
  expect(
    project(
      [
        ['l', 3],
        ['l', 0],
      ],
      item,
    ),
  ).toEqual({ l: [1, 4] })
  expect(
    project(
      [
        ['l', 1, 'b'],
        ['l', 2, 1],
      ],
      item,
    ),
  ).toEqual({ l: [{ b: 2 }, [6]] })
  expect(
    project(
      [
        ['l', 1, 'x'],
        ['l', 2, 0],
      ],
      item,
    ),
  ).toEqual({ l: [[5]] })
})

test('missing attributes are left out with their parents, and empty values are kept', () => {
  expect(project([['x'], ['m', 'x'], ['e', 'x'], ['el', 0], ['l', 9]], item)).toEqual({})
  expect(project([['e'], ['el']], item)).toEqual({ e: {}, el: [] })
  expect(project([['constructor'], ['m', 'toString']], item)).toEqual({})
})

test('paths that overlap or conflict are refused', () => {
  expect(() => checkProjection([['m'], ['m', 'k']])).toThrow(/m\.k: overlaps/)
  expect(() =>
    checkProjection([
      ['m', 'k'],
      ['m', 0],
    ]),
  ).toThrow(/m\[0\]: conflicts/)
  expect(() => checkProjection([])).toThrow(/the projection is empty/)
})
