/** The commands of docs/guide/transfer.md run as they are written, one after another. */
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { programFolder } from '../../programs.js'
import { MAIN } from '../partita.js'

const page = readFileSync(fileURLToPath(new URL('../../../docs/guide/transfer.md', import.meta.url)), 'utf8')
const folder = programFolder('transfer')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text as string)

it('the commands of the guide give what it says', () => {
  writeFileSync(join(folder, 'partita'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`)
  chmodSync(join(folder, 'partita'), 0o755)
  writeFileSync(join(folder, 'program.mjs'), blocks('ts')[0] as string)
  const script = ['set -e', `'${process.execPath}' program.mjs`, ...blocks('sh')].join('\n')
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, env, encoding: 'utf8' })
  expect({ status, stderr }).toMatchObject({ status: 0 })
  expect(stderr.split('\n').filter(line => /^(would )?(import|load|cop|dump)/.test(line))).toEqual([
    'would import 2 items',
    'imported 2 items',
    'imported 0 items; 2 are there already',
    'imported 0 items; 2 are there already',
    'imported 2 items',
    // The rows of the model, their unique markers, and the record that they are complete.
    'dumped 9 items of 3 tables to ./dump',
  ])
  expect(stderr).toMatch(/3 tables: loaded 9 items\n.*\n.*\n1 table: copied 2 items\n$/)
  expect(stdout).toMatch(/^userId:S,born:S,createdAt:S,email:S\n/)
  expect(stdout).toMatch(/,1815-12-10T00:00:00\.000Z,.*,ada@example\.org\n/)
})
