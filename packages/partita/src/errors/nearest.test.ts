import { expect, it } from 'vitest'
import { nearest } from './nearest.js'

it.each([
  ['Usr', 'User'],
  ['user', 'User'],
  ['Psot', 'Post'],
  ['Commnet', 'Comment'],
  ['Invoice', undefined],
  ['x'.repeat(1000), undefined],
  [false, undefined],
  [{ length: 1 }, undefined],
])('the nearest name to %s is %s', (given, expected) => {
  expect(nearest(given, ['User', 'Post', 'Comment', 'UserRole'])).toBe(expected)
})
