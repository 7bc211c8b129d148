/** The store contract of the packed library in other test runners than Vitest. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeProject, type Project, root } from './project.js'

const ENGINES = `
import { memory } from 'partita/embedded'

export const correct = { name: 'memory', open: async () => memory() }

/** An engine that loses a digit of large numbers. */
export const wrong = {
  name: 'a wrong engine',
  async open() {
    const store = memory()
    const get = store.get.bind(store)
    store.get = async request => {
      const result = await get(request)
      const entries = Object.entries(result.item ?? {})
      return { ...result, item: result.item && Object.fromEntries(entries.map(([n, it]) => [n, typeof it === 'bigint' ? it - 1n : it])) }
    }
    return store
  },
}
`

describe('The store contract', () => {
  let project: Project
  beforeAll(() => {
    project = makeProject(['jest'])
    project.write('engines.js', ENGINES)
  })
  afterAll(() => project.remove())

  describe('in node:test', () => {
    const run = (engine: string) => {
      const text = `import { after, before, describe, it } from 'node:test'
        import { describeStoreContract } from 'partita/testing'
        import { ${engine} } from './engines.js'
        describeStoreContract(${engine}, { describe, it, beforeAll: before, afterAll: after })`
      return project.node(['--test-reporter=tap', project.write(`${engine}.js`, text)], { NODE_TEST_CONTEXT: '' })
    }

    it('The embedded engine passes', () => {
      expect(run('correct')).toMatch(/^# fail 0$/m)
    })

    it('An engine that changes a number fails', () => {
      expect(() => run('wrong')).toThrow()
    })
  })

  describe('in Jest', () => {
    const jest = join(root, 'node_modules/jest/bin/jest.js')
    const run = (engine: string, ...options: string[]) => {
      const text = `import { afterAll, beforeAll, describe, it } from '@jest/globals'
        import { describeStoreContract } from 'partita/testing'
        import { ${engine} } from './engines.js'
        describeStoreContract(${engine}, { describe, it, beforeAll, afterAll })`
      project.write(`${engine}.test.js`, text)
      project.write('jest.config.js', 'export default { transform: {}, testTimeout: 60_000 }')
      const all = ['--rootDir', project.folder, `${engine}.test.js`, ...options]
      return project.node([jest, ...all], { NODE_OPTIONS: '--experimental-vm-modules' })
    }

    it('The embedded engine passes', () => {
      expect(() => run('correct')).not.toThrow()
    })

    it('An engine that changes a number fails, with the numbers', () => {
      expect(() => run('wrong', '-t', 'transaction')).toThrow(/12345678901234567889n/)
    })
  })
})
