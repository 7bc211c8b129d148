/** The heap of the server, whose young generation is bounded. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const module = new URL('../../packages/cli/dist/serve/young-generation.js', import.meta.url)

/** Makes objects that live for a while, as requests in flight do, and lets timers run in between. */
const PROGRAM = `
import { getHeapSpaceStatistics } from 'node:v8'
import { setTimeout } from 'node:timers/promises'
import { boundYoungGeneration } from '${module.href}'

boundYoungGeneration()
let most = 0
for (let round = 0; round < 40; round++) {
  let live = []
  for (let i = 0; i < 200_000; i++) {
    live.push({ i })
    if (live.length > 50_000) live = []
  }
  await setTimeout(20)
  if (round > 20) most = Math.max(most, getHeapSpaceStatistics().find(it => it.space_name === 'new_space').space_size)
}
console.log(most)
`

it('The young generation of a server under load is at most half of what V8 lets it grow to', () => {
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  const size = Number(execFileSync(process.execPath, ['--input-type=module', '-e', PROGRAM], { cwd, encoding: 'utf8' }))
  expect(size).toBeGreaterThan(0)
  expect(size).toBeLessThanOrEqual(16 * 2 ** 20)
})
