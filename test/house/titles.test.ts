/** Titles of tests are sentences, so that a report can be read without the code. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { fragmentsBelow, isFragment, titlesIn } from './titles.js'

/** How many titles of a folder may lack a subject. The numbers may only fall. */
const REMAINING = { 'test/cli': 0, 'test/house': 0, 'test/models': 8, 'test/packages': 0, 'test/workerd': 0 }

it.each(Object.entries(REMAINING))(
  'the titles of tests in %s are sentences with a subject, except %i',
  (folder, most) => {
    const fragments = fragmentsBelow(fileURLToPath(new URL(`../../${folder}`, import.meta.url)))
    const listed = fragments.map(({ file, line, text }) => `${file}:${line} ${text}`).join('\n')
    expect(fragments.length, listed).toBeLessThanOrEqual(most)
  },
)

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
