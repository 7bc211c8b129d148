/** Stores keep working under the fake timers of Vitest, Sinon and Jest, and use the date that these set. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { EXPECTED, exercise } from './exercise.js'
import { makeProject, type Project, root } from './project.js'

describe('Vitest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'partita-fake-timers-'))
  afterEach(() => {
    vi.useRealTimers()
    rmSync(folder, { recursive: true, force: true })
  })

  it('stores keep working under the fake timers of Vitest, and use the date that they set', async () => {
    vi.useFakeTimers()
    expect(await exercise(folder, at => void vi.setSystemTime(at))).toEqual([EXPECTED, EXPECTED])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('in a project', () => {
  let project: Project
  beforeAll(() => {
    project = makeProject(['jest', 'sinon'])
    const typed = readFileSync(fileURLToPath(new URL('exercise.ts', import.meta.url)), 'utf8')
    project.write('exercise.js', transformSync(typed, { loader: 'ts' }).code)
  })
  afterAll(() => project.remove())

  it('stores keep working if Sinon fakes ticks and microtasks too, even before the library is loaded', () => {
    project.write(
      'sinon.js',
      `import sinon from 'sinon'
       const clock = sinon.useFakeTimers()
       const { exercise } = await import('./exercise.js')
       console.log(JSON.stringify(await exercise('./sinon', at => clock.setSystemTime(at))))`,
    )
    expect(JSON.parse(project.node(['sinon.js']))).toEqual([EXPECTED, EXPECTED])
  })

  it.each([
    ['its timers are real', '{}', ''],
    ['a test fakes its timers', '{}', 'jest.useFakeTimers()'],
    ['its timers are fake from the start', '{ fakeTimers: { enableGlobally: true } }', ''],
  ])('Jest, configured as in docs/runtimes.md, runs stores if %s', (_, more, before) => {
    const page = readFileSync(join(root, 'docs/runtimes.md'), 'utf8')
    const [, configuration] = /```javascript\n\/\/ jest\.config\.js\n(.*?)```/s.exec(page) ?? []
    const [, options] = /NODE_OPTIONS=(\S+) npx jest/.exec(page) ?? []
    project.write(
      'jest.config.js',
      `${configuration?.replace('export default', 'const base =')}
      export default { ...base, ...${more} }`,
    )
    project.write(
      'stores.test.js',
      `import { jest } from '@jest/globals'
       import { EXPECTED, exercise } from './exercise.js'
       test('stores keep working', async () => {
         ${before}
         const isFake = ${before !== '' || more !== '{}'}
         const folder = './jest-' + isFake + '-' + ${before.length}
         const answers = await exercise(folder, at => isFake && jest.setSystemTime(at))
         const right = { ...EXPECTED, isExpired: isFake, isDeleted: isFake }
         expect(answers).toEqual([right, right])
       }, 60_000)`,
    )
    const jest = join(root, 'node_modules/jest/bin/jest.js')
    expect(() => project.node([jest, '--rootDir', project.folder], { NODE_OPTIONS: options as string })).not.toThrow()
  })
})
