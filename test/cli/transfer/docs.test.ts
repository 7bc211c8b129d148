/** The commands of docs/guide/transfer.md run as they are written, one after another. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { programFolder } from '../../programs.js'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const page = readFileSync(here('../../../docs/guide/transfer.md'), 'utf8')
const folder = programFolder('transfer')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text as string)

interface Ran {
  readonly line: string
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function node(file: string, input: string): string {
  const { PARTITA_STORE: _, PARTITA_TABLE: __, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder, input, env, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

it('the commands of the guide give what it says', () => {
  writeFileSync(join(folder, 'program.mjs'), blocks('ts')[0] as string)
  node('program.mjs', '')
  const ran: Ran[] = JSON.parse(node(here('run-commands.mjs'), blocks('sh').join('\n')))
  expect(ran.filter(({ code }) => code !== 0)).toEqual([])
  const results = ran.map(({ line, stderr }) => [line.split(' ')[1], stderr.trimEnd().split('\n').at(-1)])
  expect(results.filter(([command]) => command !== 'export' && command !== 'table')).toEqual([
    ['import', 'would import 2 items'],
    ['import', 'imported 2 items'],
    ['import', 'imported 0 items; 2 are there already'],
    ['import', 'imported 0 items; 2 are there already'],
    ['import', 'imported 2 items'],
    // The rows of the model, their unique markers, and the record that they are complete.
    ['dump', 'dumped 9 items of 3 tables to ./dump'],
    ['load', '3 tables: loaded 9 items'],
    ['copy', '3 tables: copied 9 items'],
  ])
  const people = ran.find(({ line }) => line.startsWith('partita export User'))?.stdout
  expect(people).toMatch(/^userId:S,born:S,createdAt:S,email:S\n/)
  expect(people).toMatch(/,1815-12-10T00:00:00\.000Z,.*,ada@example\.org\n/)
})
