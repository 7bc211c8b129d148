/** Valid and invalid requests to Partita and to two other servers. Every difference has a reason. */
import { afterAll, describe, expect, inject, it } from 'vitest'
import { seed } from '../seeded.js'
import type { Found } from './corpus/comparison.js'
import type { Difference } from './corpus/differences/difference.js'
import { DIFFERENCES, explanation } from './corpus/differences.js'
import { FAMILIES } from './corpus/families/index.js'
import { mutated } from './corpus/families/mutated.js'
import { random } from './corpus/families/random.js'
import { overHttp, partita } from './corpus/respondents.js'
import { run } from './corpus/run.js'

/** How many random requests are added to those of every run. */
const MORE = Number(process.env.PARTITA_CORPUS_REQUESTS ?? 0)
const EACH = 500

const more = Array.from({ length: Math.ceil(MORE / EACH) }, (_, i) => random(100 + i, seed + i, EACH))
const families = MORE > 0 ? [...FAMILIES, mutated(100, 'all'), ...more] : FAMILIES
const servers = inject('servers').filter(({ name }) => name !== 'custom')

it('the corpus has over 2,000 requests', async () => {
  const count = FAMILIES.reduce((sum, family) => sum + family.requests.length, 0)
  expect(count).toBeGreaterThan(2000)
})

describe.concurrent.each(servers)('compared with $name', server => {
  const mine = partita()
  const theirs = overHttp(server)
  afterAll(async () => {
    await mine.close()
    await theirs.close()
  })

  it(
    'every answer is the same, except for known differences between the server and AWS',
    async ({ expect }) => {
      const { requests, refused, internalErrors, found } = await run(families, mine, theirs)
      expect(refused).toBeGreaterThan(requests / 2)
      expect(internalErrors).toEqual([])
      const used = new Set<Difference>()
      const unexplained = found.filter(difference => {
        const reason = explanation(difference, MORE > 0)
        if (reason) used.add(reason)
        return !reason
      })
      expect(unexplained.map(described)).toEqual([])
      const unused = DIFFERENCES.filter(difference => difference.server === server.name && !used.has(difference))
      expect(unused.map(({ why }) => why)).toEqual([])
    },
    600_000 + MORE * 100,
  )
})

function described({ family, request: { operation, name, input }, at, partita: ours, theirs }: Found): object {
  const text = typeof input === 'string' ? input : JSON.stringify(input)
  return { family, operation, name, input: text.slice(0, 2000), at, partita: ours, theirs }
}
