/** Random concurrent transactions: some serial order must explain their reads, their results and the final rows. */
import { expect, it } from 'vitest'
import { connect } from '../../packages/partita/src/model/index.js'
import { seed } from '../seeded.js'
import { describeEachStore } from '../stores.js'
import { faultsOf } from './consistency.js'
import { ending } from './ending.js'
import {
  act,
  anyProgram,
  anyState,
  GivenUp,
  IDS,
  models,
  type Outcome,
  type State,
  serialOrder,
} from './races/serial.js'
import { Dice } from './random/dice.js'

const REFUSALS = ['AlreadyExists', 'NotFound', 'UniqueViolation']
/** The number of concurrent transactions, over three keys and two unique values. */
const AT_ONCE = 5

describeEachStore('concurrent transactions', tested => {
  const rounds = tested.name === 'memory' ? 60 : 12
  it(`transactions are serializable, over ${rounds} rounds`, async () => {
    const dice = new Dice(seed)
    const table = tested.tableName()
    const db = await connect({ models, store: tested.store, table, createTable: true })
    const pause = async () => {
      for (let turns = dice.below(4); turns > 0; turns--) await new Promise(setImmediate)
    }
    for (let round = 0; round < rounds; round++) {
      const [before, programs] = [anyState(dice), Array.from({ length: AT_ONCE }, () => anyProgram(dice))]
      for (const id of IDS) await db.Cell.delete({ id })
      for (const [id, row] of before) await db.Cell.create({ id, ...row })
      const outcomes = await Promise.all(
        programs.map(async (program): Promise<Outcome> => {
          const call = ending(db.transaction(tx => act(program, tx, pause), { attempts: 200 }))
          const ended = await call.catch((error: unknown) => {
            if (error instanceof GivenUp) return { value: 'given up' as const }
            throw error
          })
          if ('value' in ended) return ended.value
          if (!REFUSALS.includes(ended.error.code)) throw ended.error
          return 'refused'
        }),
      )
      const rows = await db.Cell.getMany(
        IDS.map(id => ({ id })),
        { consistent: true },
      )
      const after: State = new Map(
        rows.flatMap(row =>
          row ? [[row.id, { n: row.n, hits: row.hits, ...(row.name && { name: row.name }) }] as const] : [],
        ),
      )
      const what = { seed, round, before: [...before], programs, outcomes, after: [...after] }
      expect(serialOrder(programs, outcomes, before, after), JSON.stringify(what)).toBeDefined()
    }
    expect(await faultsOf({ store: tested.store, table, models })).toEqual([])
    await db.close()
  })
})
