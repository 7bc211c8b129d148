/** The declaration files that the compiler and editors load for a program that imports partita. */
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const DIST = fileURLToPath(new URL('../../packages/partita/dist', import.meta.url))

/** Folders of the model layer that implement what its types describe. */
const IMPLEMENTATION = /^model\/(assets|compile|parts|read|rows|rules|transaction)\//

/** The declaration files that an entry imports, directly or through others, by their paths in the package. */
function declarationsOf(entry: string): string[] {
  const found = new Set([join(DIST, entry)])
  for (const file of found) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g)) {
      found.add(join(dirname(file), `${path}.d.ts`))
    }
  }
  return [...found].map(file => relative(DIST, file))
}

const files = declarationsOf('index.d.ts')

it('a program that imports partita loads the declared types of models', () => {
  expect(files).toContain('model/types/repository.d.ts')
})

it('a program that imports partita loads no declarations of what implements models', () => {
  expect(files.filter(file => IMPLEMENTATION.test(file))).toEqual([])
})
