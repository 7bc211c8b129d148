/** The cost of a model for the compiler, compared with the budget of the design. */
import { expect, it } from 'vitest'
import { compile } from '../../bench/src/compiler.js'
import { partitaSource } from '../../bench/src/sources/partita.js'

/** Instantiations for a model with ten fields, two indexes, a constraint and a relation, and every kind of call on it. */
const BUDGET = 1000

it(`each additional model costs the compiler at most ${BUDGET} instantiations`, async () => {
  const [few, many] = [5, 25]
  const costs = []
  for (const models of [few, many]) {
    const module = `${partitaSource.definitions(models)}\n${partitaSource.uses?.(models)}\n`
    costs.push((await compile(`budget-${models}`, module)).instantiations)
  }
  const [less = 0, more = 0] = costs
  expect((more - less) / (many - few)).toBeLessThanOrEqual(BUDGET)
  expect(more, 'something was measured').toBeGreaterThan(less)
})
