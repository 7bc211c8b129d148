/** The tree in ARCHITECTURE.md matches the folders of the repository. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Packages whose folders are all listed. Other packages are listed only by their top folder. */
const LISTED = ['packages/partita/src', 'packages/cli/src']
/** Folders that are listed without their subfolders. */
const CLOSED = ['wire/operations', 'serve', 'expression/parse', 'model/read', 'model/rules']

function foldersBelow(path: string, inside = ''): string[] {
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap(entry => {
    // Git leaves empty folders behind when files move.
    if (!entry.isDirectory() || readdirSync(join(root, path, entry.name)).length === 0) return []
    const name = inside ? `${inside}/${entry.name}` : entry.name
    return [name, ...(CLOSED.includes(name) ? [] : foldersBelow(join(path, entry.name), name))]
  })
}

/** The folders in the tree of ARCHITECTURE.md, by package, as paths. */
function listedFolders(): Map<string, string[]> {
  const [, tree = ''] = /## The tree\n\n```\n(.*?)```/s.exec(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')) ?? []
  const found = new Map<string, string[]>()
  let top = ''
  let above = ''
  for (const line of tree.trimEnd().split('\n')) {
    const [, indent = '', name = ''] = /^( *)(\S+)\/ /.exec(line) ?? []
    if (indent === '') {
      top = name
      found.set(top, [])
    } else if (indent === '  ') {
      above = name
      found.get(top)?.push(name)
    } else found.get(top)?.push(`${above}/${name}`)
  }
  return found
}

it.each(LISTED)('ARCHITECTURE.md lists every folder of %s, and no other', path => {
  expect(listedFolders().get(path)?.sort()).toEqual(foldersBelow(path).sort())
})

it('ARCHITECTURE.md lists every top folder that is committed', () => {
  const tops = readdirSync(root, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(entry => entry.name)
  const listed = new Set([...listedFolders().keys()].map(path => path.split('/')[0]))
  expect([...listed].sort()).toEqual(tops.sort())
})
