/** The command of the packed library, which @partita/cli has. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeProject, type Project } from './project.js'

let project: Project
beforeEach(() => {
  project = makeProject()
})
afterEach(() => project.remove())

const COMMAND = 'node_modules/partita/bin/partita.js'

function installCommand(): void {
  const folder = join(project.folder, 'node_modules/@partita/cli')
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: '@partita/cli', type: 'module' }))
  writeFileSync(join(folder, 'bin/partita.js'), 'console.log(process.argv.slice(2).join(" "))')
}

it('partita runs the command of @partita/cli with its arguments, where it is installed', () => {
  installCommand()
  expect(project.node([COMMAND, 'items', 'list'])).toBe('items list\n')
})

it('partita exits with 1 and names the package to install, where @partita/cli is not installed', () => {
  let thrown: unknown
  try {
    project.node([COMMAND, 'items', 'list'])
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ status: 1, stdout: '' })
  expect((thrown as { stderr: string }).stderr).toMatch(/^error: .*npm install @partita\/cli/)
})
