/** Runs the program of the README and compares its output with the documented one. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const [, program, output] = /```js\n(.*?)```\s+```\n(.*?)```/s.exec(readme) ?? []
const JITI = join(root, 'node_modules/jiti/lib/jiti-cli.mjs')

it('the first program of the README prints the documented output, on the first and the second run', () => {
  inFolder(run => {
    expect(run('program.mjs', 'program.mjs')).toBe(output)
    expect(run('program.mjs', 'program.mjs')).toBe(output?.replace('Ada 1', 'Ada 2'))
  })
})

it('the first program of the README runs as TypeScript by the command that it names', () => {
  const [, file] = /run `npx jiti (program\.ts)`/.exec(readme) ?? []
  inFolder(run => expect(run(file as string, JITI, file as string)).toBe(output))
})

/** Runs the first program in a folder inside the repository, where Node resolves the packages as in an installation. */
function inFolder(work: (run: (file: string, ...args: string[]) => string) => void): void {
  expect(program).toContain('await connect(')
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache', 'readme-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    work((file, ...args) => {
      writeFileSync(join(folder, file), program as string)
      return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

it('the README names every entry of the library', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'packages/partita/package.json'), 'utf8')) as {
    exports: object
  }
  const entries = Object.keys(exports).filter(entry => entry !== './package.json')
  const missing = entries.filter(entry => !readme.includes(`\`partita${entry.slice(1)}\``))
  expect(missing).toEqual([])
})
