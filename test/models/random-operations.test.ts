/** Long random sequences of calls, compared after each call with a simple model of the rows in maps. */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type EmbeddedStore, memory } from '../../packages/partita/src/embedded/index.js'
import { connect } from '../../packages/partita/src/model/index.js'
import { seed } from '../seeded.js'
import { describeEachStore } from '../stores.js'
import { faultsOf } from './consistency.js'
import { models, start } from './random/models.js'
import { Run } from './random/run.js'

const scale = Number(process.env.PARTITA_RANDOM_SCALE ?? 1)

describeEachStore('random calls of models', tested => {
  const steps = scale * (tested.name === 'memory' ? 750 : tested.name === 'embedded' ? 200 : 50)

  it(`every result follows the rules, over ${steps} steps from seed ${seed}`, async () => {
    const { store } = tested
    const table = tested.tableName()
    let run: Run | undefined
    const clock = () => run?.rules.now ?? start
    const db = await connect({ models, store, table, createTable: true, clock })
    run = new Run({ db, seed, faults: () => faultsOf({ store, table, models, now: clock() }) })
    await run.steps(steps, steps / 10)
  })
})

describe('random calls of models in a scope', () => {
  let store: EmbeddedStore
  let run: Run | undefined
  const clock = () => run?.rules.now ?? start
  beforeAll(() => {
    store = memory({ clock, sweepInterval: 0 })
  })
  afterAll(() => store.close())

  const steps = scale * 350
  const scopes = [{ tenant: 'x#' }, { tenant: 'x%23', loader: true }, { loader: true }]

  it.each(scopes)(
    `every result follows the rules while expired rows are swept, over ${steps} steps from seed ${seed}, in %o`,
    async options => {
      const table = `random-${scopes.indexOf(options)}`
      run = undefined
      const db = await connect({ models, store, table, clock })
      const faults = () => faultsOf({ store, table, models, now: clock() })
      await db.run(options, scope => {
        run = new Run({ db: scope, seed, faults, sweep: () => store.sweep() })
        return run.steps(steps, steps / 10)
      })
    },
  )
})
