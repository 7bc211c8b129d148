/** Imports follow the architecture: they point down only, and the root entry runs without Node. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const source = fileURLToPath(new URL('../../packages/partita/src/', import.meta.url))

/** The folders that each folder may import, in addition to itself. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  errors: ['value'],
  value: ['errors'],
  expression: ['value', 'errors'],
  store: ['expression', 'value', 'errors'],
  crql: ['value', 'errors'],
  keys: ['store', 'expression', 'value', 'errors'],
  embedded: ['store', 'expression', 'value', 'errors'],
  dynamodb: ['store', 'expression', 'value', 'errors'],
  mongodb: ['store', 'expression', 'value', 'errors'],
  mongoose: ['crql', 'value', 'errors'],
  assets: ['store', 'value', 'errors'],
  'assets-s3': ['assets', 'store', 'value', 'errors'],
  wire: ['embedded', 'store', 'expression', 'value', 'errors'],
  open: ['embedded', 'dynamodb', 'mongodb', 'store', 'value', 'errors'],
  table: ['keys', 'store', 'expression', 'value', 'errors'],
  items: ['table', 'open', 'store', 'expression', 'value', 'errors'],
  model: ['open', 'crql', 'keys', 'store', 'expression', 'value', 'errors'],
  'active-record': ['model', 'open', 'store', 'value', 'errors'],
  testing: ['model', 'embedded', 'keys', 'store', 'expression', 'value', 'errors'],
  'open-on-demand': ['open', 'store'],
  index: ['model', 'open-on-demand', 'store', 'expression', 'value', 'errors'],
}

/** Folders that must also run in a browser or an edge runtime. */
const PORTABLE = ['index', 'errors', 'value', 'expression', 'store', 'keys', 'crql', 'table', 'model', 'active-record']

interface Import {
  readonly file: string
  readonly folder: string
  readonly target: string
  readonly dynamic: boolean
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  file => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file),
)
const imports = files.flatMap(importsOf)

it('imports point down only', () => {
  const upward = imports.filter(({ folder, target }) => {
    if (!target.startsWith('.')) return false
    return target !== `./${folder}` && !(BELOW[folder] ?? []).includes(target.slice(2)) && target.slice(2) !== folder
  })
  expect(upward.map(({ file, target }) => `${file} imports ${target}`)).toEqual([])
})

it('every folder has an entry in the list of allowed imports', () => {
  expect([...new Set(files.map(folderOf))].filter(folder => !(folder in BELOW))).toEqual([])
})

it('the modules of the root entry import no package, and no Node builtin except node:async_hooks', () => {
  const foreign = imports.filter(
    ({ folder, target, dynamic }) =>
      PORTABLE.includes(folder) && !dynamic && !target.startsWith('.') && target !== 'node:async_hooks',
  )
  expect(foreign.map(({ file, target }) => `${file} imports ${target}`)).toEqual([])
})

it('no file has a name without a meaning, such as utils or helpers', () => {
  expect(files.filter(file => /(^|\/)(utils?|helpers?|common|misc|shared)(\.ts|\/)/.test(file))).toEqual([])
})

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8').replace(/^\s*\*.*$/gm, '')
  const found = text.matchAll(/(?:from|(import)\()\s*'([^']+)'/g)
  return [...found].map(([, dynamic, target = '']) => ({
    file,
    folder: folderOf(file),
    target: targetOf(file, target, dynamic !== undefined),
    dynamic: dynamic !== undefined,
  }))
}

/** The imported folder, also if it is imported by its public name, or the imported package. */
function targetOf(file: string, target: string, dynamic: boolean): string {
  if (target.startsWith('.')) return `./${folderOf(relative(source, join(source, dirname(file), target)))}`
  return dynamic ? target.replace(/^partita\//, './') : target
}

/** The top folder of a path, or the name of a file at the top. */
function folderOf(file: string): string {
  const [first = ''] = file.split('/')
  return first.replace(/\.(js|ts)$/, '')
}
