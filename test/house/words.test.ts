/** Words that once had several meanings do not come back. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const FOLDERS = ['packages/partita/src', 'packages/cli/src']

/** How often each word may still occur in the sources of the packages. The numbers may only fall. */
const REMAINING = {
  RowCaller: 0,
  TableNote: 0,
  place: 4,
  fault: 9,
  mark: 3,
  note: 4,
  noted: 0,
  told: 0,
  asked: 3,
  had: 2,
}

const text = FOLDERS.flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => readFileSync(join(root, folder, file), 'utf8')),
).join('\n')

it.each(Object.entries(REMAINING))('the word "%s" occurs in the sources at most %i times', (word, most) => {
  // The glossary's term is "unique marker".
  const found = text.match(new RegExp(`(?<!unique )\\b${word}\\b`, 'gi')) ?? []
  expect(found.length).toBeLessThanOrEqual(most)
})

it('no page has the lines that a merge conflict leaves, also as a formatter rewrites them', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'SECURITY.md', 'docs', 'packages']
  const found = pages
    .flatMap(page =>
      page.endsWith('.md')
        ? [page]
        : readdirSync(join(root, page), { recursive: true, encoding: 'utf8' }).map(file => join(page, file)),
    )
    .filter(page => page.endsWith('.md') && !page.includes('node_modules'))
    .filter(page => /^(?:<{7} |={7}$|>{7} |(?:> ){7})/m.test(readFileSync(join(root, page), 'utf8')))
  expect(found).toEqual([])
})
