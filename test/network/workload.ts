/** Several writers on the same rows through a proxy that injects random faults. */
import { randomBytes } from 'node:crypto'
import { add, PartitaError } from '../../packages/partita/src/index.js'
import { AMBIGUOUS, FAULTS, type Fault } from './fault-proxy.js'
import type { Side } from './servers.js'

/** The number of outcomes of each kind, by operation. */
export type Tally = Record<string, Record<string, number>>

const ACCOUNTS = 4
const MONEY = 100
const WRITERS = 8
/** The probability of each fault, for each request. */
const CHANCE = 0.012

/** @returns the violations, the outcomes, and the injected faults. */
export async function runWorkload(side: Side, operations: number, random: () => number) {
  const { proxy, truth } = side
  const run = randomBytes(4).toString('hex')
  const id = (name: string) => `${run}-${name}`
  await truth.db.Plain.create({ id: id('counter') })
  await truth.db.Plain.create({ id: id('certain') })
  await truth.db.Versioned.create({ id: id('version') })
  for (let i = 0; i < ACCOUNTS; i++) await truth.db.Indexed.create({ id: id(`account${i}`), n: MONEY })
  const tally: Tally = {}
  const won = new Map<string, number>()
  const pick = (count: number) => Math.floor(random() * count)

  const jobs: Record<string, (at: number) => Promise<unknown>> = {
    add: () => side.program.db.Plain.update({ id: id('counter') }, { n: add(1) }),
    'add exactly once': () => side.program.db.Plain.update({ id: id('certain') }, { n: add(1) }, { exactlyOnce: true }),
    async 'save with version'() {
      const row = await side.program.db.Versioned.get({ id: id('version') }, { consistent: true })
      if (!row) throw new Error('the row is gone')
      row.t += 1
      await row.save()
    },
    transfer: () =>
      side.program.db.transaction(
        async tx => {
          const [from, to] = [pick(ACCOUNTS), pick(ACCOUNTS)].map(i => ({ id: id(`account${i}`) }))
          const amount = 1 + pick(5)
          await tx.Indexed.update(from as { id: string }, { n: add(-amount) })
          await tx.Indexed.update(to as { id: string }, { n: add(amount) })
        },
        { attempts: 40 },
      ),
    async 'claim a value'(at) {
      // Several writers claim the same value.
      const email = id(`value${Math.floor(at / 10)}`)
      await side.program.db.Unique.create({ id: id(`claim${at}`), email })
      won.set(email, (won.get(email) ?? 0) + 1)
    },
    async 'take a lock'(at) {
      const lock = id(`lock${Math.floor(at / 10)}`)
      await side.program.table.create({ key: { partitionKey: lock, rangeKey: 'r' }, item: {}, createOnly: true })
      won.set(lock, (won.get(lock) ?? 0) + 1)
    },
  }

  const faults: Record<string, number> = {}
  proxy.decide = ({ operation }) => {
    if (operation === 'DescribeTable' || random() >= CHANCE * FAULTS.length) return undefined
    const fault = FAULTS[pick(FAULTS.length)] as Fault
    const isWrite = /^(Put|Update|Delete)Item|^Transact/.test(operation)
    if (fault === 'inProgress' ? operation !== 'TransactWriteItems' : fault === 'conflict' && !isWrite) return undefined
    if (operation === 'TransactGetItems' && fault === 'conflict') return undefined
    faults[fault] = (faults[fault] ?? 0) + 1
    return fault
  }
  const names = Object.keys(jobs)
  let begun = 0
  const work = async (): Promise<void> => {
    while (begun < operations) {
      const at = begun++
      const name = names[at % names.length] as string
      const ends = (tally[name] ??= {})
      let end = 'done'
      try {
        await jobs[name]?.(at)
      } catch (error) {
        end = error instanceof PartitaError ? error.code : String(error)
      }
      ends[end] = (ends[end] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, work))
  proxy.decide = undefined
  return { wrong: await violationsOf(side, id, tally, won), tally, faults }
}

async function violationsOf({ truth }: Side, id: (name: string) => string, tally: Tally, won: Map<string, number>) {
  const wrong: string[] = []
  const consistent = { consistent: true } as const
  const within = (name: string, counted: number | undefined): void => {
    const { done = 0, OutcomeUnknown = 0 } = tally[name] ?? {}
    const isPossible = counted !== undefined && counted >= done && counted <= done + OutcomeUnknown
    if (!isPossible) wrong.push(`${name}: ${counted} counted of ${done} done and ${OutcomeUnknown} unknown`)
  }
  within('add', (await truth.db.Plain.get({ id: id('counter') }, consistent))?.n)
  within('add exactly once', (await truth.db.Plain.get({ id: id('certain') }, consistent))?.n)
  within('save with version', (await truth.db.Versioned.get({ id: id('version') }, consistent))?.t)
  let money = 0
  for (let i = 0; i < ACCOUNTS; i++)
    money += (await truth.db.Indexed.get({ id: id(`account${i}`) }, consistent))?.n ?? 0
  if (money !== ACCOUNTS * MONEY) wrong.push(`money: ${money} instead of ${ACCOUNTS * MONEY}`)
  for (const [what, winners] of won) if (winners > 1) wrong.push(`${what} has ${winners} winners`)
  for (const [name, ends] of Object.entries(tally)) {
    for (const end of Object.keys(ends)) {
      if (!KNOWN_ENDS.has(end)) wrong.push(`${name} ended in ${end}`)
    }
  }
  return wrong
}

const KNOWN_ENDS = new Set([
  'done',
  'OutcomeUnknown',
  'Conflict',
  'Throttled',
  'Unavailable',
  'UniqueViolation',
  'AlreadyExists',
])

/** Whether any fault was injected after which a client cannot know the outcome. */
export function hasAmbiguous(faults: Record<string, number>): boolean {
  return Object.keys(faults).some(fault => AMBIGUOUS.has(fault as Fault))
}
