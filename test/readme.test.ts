/** Runs the program of the README and compares its output with the documented one. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')

it('the first program of the README prints the documented output, on the first and the second run', () => {
  const [, program, output] = /```js\n(.*?)```\s+```\n(.*?)```/s.exec(readme) ?? []
  expect(program).toContain('await connect(')
  // Inside the repository, where Node resolves the packages as in an installation.
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache', 'readme-'))
  try {
    const file = join(folder, 'program.mjs')
    writeFileSync(file, program as string)
    const run = () => execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' })
    expect(run()).toBe(output)
    expect(run()).toBe(output?.replace('Ada 1', 'Ada 2'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('the README names every entry of the library', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'packages/partita/package.json'), 'utf8')) as {
    exports: object
  }
  const entries = Object.keys(exports).filter(entry => entry !== './package.json')
  const missing = entries.filter(entry => !readme.includes(`\`partita${entry.slice(1)}\``))
  expect(missing).toEqual([])
})
