/** Exported symbols have doc comments. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { undocumentedExports, undocumentedIn } from './undocumented.js'

it.each(['partita', 'cli'])('packages/%s exports no symbol without a doc comment', name => {
  const missing = undocumentedExports(fileURLToPath(new URL(`../../packages/${name}/src`, import.meta.url)))
  const listed = missing.map(({ file, line, name }) => `${file}:${line} ${name}`).join('\n')
  expect(missing.length, listed).toBe(0)
})

it('the check finds an exported function, type, class or constant without a doc comment', () => {
  const text =
    'export function a() {}\nexport type B = 1\nexport class C {}\nexport const d = 1, e = 2\nconst own = 1\n'
  expect(undocumentedIn('x.ts', text).map(({ line, name }) => `${line} ${name}`)).toEqual([
    '1 a',
    '2 B',
    '3 C',
    '4 d',
    '4 e',
  ])
})

it('the check accepts one doc comment for all overloads of a function', () => {
  const text = '/** Adds. */\nexport function add(a: number): number\nexport function add(a: string): string\n'
  expect(undocumentedIn('x.ts', text)).toEqual([])
})

it('the check does not count a file comment as the comment of the first export', () => {
  expect(undocumentedIn('x.ts', '/** About the file. */\n\nexport const a = 1\n')).toHaveLength(1)
})

it('the check does not count a line comment as a doc comment', () => {
  expect(undocumentedIn('x.ts', '// Why.\nexport const a = 1\n')).toHaveLength(1)
})
