/** The declarations under the oldest and the newest TypeScript. A run at every landing adds the versions between. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { OLDEST_COMPILER, testCompilers } from './compilers.js'
import { root } from './project.js'

testCompilers([
  ['5.4', 'older'],
  ['7.0', 'bundler'],
])

it('the README names the oldest TypeScript that these tests use', () => {
  const [, floor] = /TypeScript (\d+\.\d+) or newer/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  expect(floor).toBe(OLDEST_COMPILER)
})
