/** The README's program as TypeScript, in a new project: with the settings that `tsc --init` of each compiler writes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeProject, root } from './project.js'

/** Where each compiler is installed. */
const COMPILERS = { '5.9': '.', '6.0': 'test/types/6.0', '7.0': 'test/types/7.0' }

it.each(Object.entries(COMPILERS))(
  'the program of the README compiles with the settings of tsc --init of TypeScript %s and runs twice',
  (_, installed) => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const [, program, output] = /```js\n(.*?)```\s+```\n(.*?)```/s.exec(readme) as unknown as [string, string, string]
    const project = makeProject()
    try {
      const compiler = join(root, installed, 'node_modules/typescript/bin/tsc')
      project.node([compiler, '--init'])
      project.write('program.ts', program)
      project.node([compiler])
      expect(project.node(['program.js'])).toBe(output)
      expect(project.node(['program.js'])).toBe(output.replace('Ada 1', 'Ada 2'))
    } finally {
      project.remove()
    }
  },
)
