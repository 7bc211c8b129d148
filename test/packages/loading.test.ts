/** Loads the packed library in other ways than by an import in a module file. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeProject, type Project } from './project.js'

const STORES = `async ({ embedded, memory }) => {
  for (const store of [memory(), embedded({ path: './data' })]) {
    console.log(await store.listTables())
    await store.close()
  }
}`

let project: Project
beforeAll(() => {
  project = makeProject()
})
afterAll(() => project.remove())

it.each([
  ['imported by node -e', ['-e', `import('partita/embedded').then(${STORES})`]],
  ['required by node -e', ['-e', `(${STORES})(require('partita/embedded'))`]],
  [
    'imported by a module of node -e',
    ['--input-type=module', '-e', `import * as it from 'partita/embedded'; await (${STORES})(it)`],
  ],
])('stores open if the library is %s', (_, args) => {
  expect(project.node(args)).toBe('[]\n[]\n')
})

it('every entry that does not need the SDK can be required', () => {
  const program = `console.log(['', '/table', '/items', '/embedded', '/wire', '/store', '/testing'].every(name => Object.keys(require('partita' + name)).length > 0))`
  expect(project.node(['-e', program])).toBe('true\n')
})

it('without LMDB, a store in a folder reports how to install it, and a store in memory opens', () => {
  const bare = makeProject()
  try {
    bare.write(
      'program.js',
      "import { embedded, memory } from 'partita/embedded'\nmemory().close()\nembedded({ path: './data' })",
    )
    bare.uninstall('lmdb')
    expect(() => bare.node(['program.js'])).toThrow(
      /PartitaError: A store in a folder needs the package lmdb.*install it/,
    )
  } finally {
    bare.remove()
  }
})

it('a stack trace shows lines of the TypeScript sources with --enable-source-maps', () => {
  project.write(
    'fails.js',
    "import { memory } from 'partita/embedded'\nawait memory().get({ table: 'none', key: { id: '1' } })",
  )
  expect(() => project.node(['--enable-source-maps', 'fails.js'])).toThrow(/partita\/src\/embedded\/\w[\w-]*\.ts:\d+/)
})
