/** Titles of tests are sentences, so that a report can be read without the code. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { fragmentsBelow, isFragment, titlesIn } from './titles.js'

const FOLDERS = ['test', 'packages/partita/src', 'packages/cli/src', 'examples', 'bench']

it.each(FOLDERS)('the titles of tests in %s are sentences with a subject', folder => {
  const fragments = fragmentsBelow(fileURLToPath(new URL(`../../${folder}`, import.meta.url)))
  expect(fragments.map(({ file, line, text }) => `${file}:${line} ${text}`)).toEqual([])
})

it('the check finds titles of plain, parametrised and conditional tests', () => {
  const text = `it('one', () => {})
it.each([1])('two %i', n => {})
it.skipIf(true)(\`three \${x} times\`, () => {})
absent([4], 'four', () => {})
map.get('five')`
  expect(titlesIn('x.test.ts', text).map(({ line, text }) => `${line} ${text}`)).toEqual([
    '1 one',
    '2 two %i',
    '3 three ... times',
    '4 four',
  ])
})

it('the check refuses a title without a subject or with fewer than three words', () => {
  expect(['is one', 'refuses an item over 400 KB', 'pages'].map(isFragment)).toEqual([true, true, true])
  expect(isFragment('put refuses an item over 400 KB')).toBe(false)
})
