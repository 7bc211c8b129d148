/** Exported types and classes have names of their own, so that a name means one thing in the whole library. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { exportedTypesIn, sharedTypeNames } from './declared-types.js'

it('no two files of the library export a type or class of the same name', () => {
  expect(sharedTypeNames(fileURLToPath(new URL('../../packages/partita/src', import.meta.url)))).toEqual([])
})

it('the check finds exported interfaces, type aliases, classes and enums', () => {
  const text = `export interface A {}
export type B = 1
export abstract class C {}
export enum D {}
class E {}
export { E }`
  expect([...exportedTypesIn('x.ts', text)]).toEqual(['A', 'B', 'C', 'D', 'E'])
})

it('the check ignores re-exports, local types and values', () => {
  const text = `import type { B } from './b.js'
export { type A } from './a.js'
export * from './c.js'
export type { B }
interface D {}
export const e = 1`
  expect([...exportedTypesIn('x.ts', text)]).toEqual([])
})
