/** The house shows the architecture: imports point down only, and the root entry runs where Node does not. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const source = fileURLToPath(new URL('../../packages/partita/src/', import.meta.url))

/** What each room may import, besides itself. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  errors: ['value'],
  value: ['errors'],
  expression: ['value', 'errors'],
  store: ['expression', 'value', 'errors'],
  keys: ['store', 'expression', 'value', 'errors'],
  embedded: ['store', 'expression', 'value', 'errors'],
  dynamodb: ['store', 'expression', 'value', 'errors'],
  assets: ['store', 'value', 'errors'],
  'assets-s3': ['assets', 'store', 'value', 'errors'],
  wire: ['embedded', 'store', 'expression', 'value', 'errors'],
  open: ['embedded', 'dynamodb', 'store', 'value', 'errors'],
  table: ['keys', 'store', 'expression', 'value', 'errors'],
  items: ['table', 'open', 'store', 'expression', 'value', 'errors'],
  model: ['open', 'keys', 'store', 'expression', 'value', 'errors'],
  index: ['model', 'open', 'store', 'expression', 'value', 'errors'],
}

/** Rooms that must also run in a browser or at the edge. */
const PORTABLE = ['index', 'errors', 'value', 'expression', 'store', 'keys', 'table', 'model']

interface Import {
  readonly file: string
  readonly room: string
  readonly target: string
  readonly dynamic: boolean
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  file => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file),
)
const imports = files.flatMap(importsOf)

it('imports point down only', () => {
  const upward = imports.filter(({ room, target }) => {
    if (!target.startsWith('.')) return false
    return target !== `./${room}` && !(BELOW[room] ?? []).includes(target.slice(2)) && target.slice(2) !== room
  })
  expect(upward.map(({ file, target }) => `${file} imports ${target}`)).toEqual([])
})

it('every room is known', () => {
  expect([...new Set(files.map(roomOf))].filter(room => !(room in BELOW))).toEqual([])
})

it('what the root entry needs imports no Node builtin but node:async_hooks, and no package', () => {
  const foreign = imports.filter(
    ({ room, target, dynamic }) =>
      PORTABLE.includes(room) && !dynamic && !target.startsWith('.') && target !== 'node:async_hooks',
  )
  expect(foreign.map(({ file, target }) => `${file} imports ${target}`)).toEqual([])
})

it('no file is named for nothing in particular', () => {
  expect(files.filter(file => /(^|\/)(utils?|helpers?|common|misc|shared)(\.ts|\/)/.test(file))).toEqual([])
})

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8').replace(/^\s*\*.*$/gm, '')
  const found = text.matchAll(/(?:from|(import)\()\s*'([^']+)'/g)
  return [...found].map(([, dynamic, target = '']) => ({
    file,
    room: roomOf(file),
    target: targetOf(file, target, dynamic !== undefined),
    dynamic: dynamic !== undefined,
  }))
}

/** A room of this package, also where it goes by its public name; else the package that is imported. */
function targetOf(file: string, target: string, dynamic: boolean): string {
  if (target.startsWith('.')) return `./${roomOf(relative(source, join(source, dirname(file), target)))}`
  return dynamic ? target.replace(/^partita\//, './') : target
}

/** The first folder of a path, or the file itself where it lies at the top. */
function roomOf(file: string): string {
  const [first = ''] = file.split('/')
  return first.replace(/\.(js|ts)$/, '')
}
