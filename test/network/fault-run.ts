/** Programs that create, count, read and pay through a service with random faults; the books must balance in the end. */
import { randomBytes } from 'node:crypto'
import { add, PartitaError } from '../../packages/partita/src/index.js'
import { seeded } from '../seeded.js'
import { FaultyService } from './faulty-service.js'
import { openSide, own } from './servers.js'
import type { Program } from './writes.js'

const WRITERS = 16
const ROWS = 8
const MONEY = 1000
/** Milliseconds of an attempt. A busy machine takes some 100 for an answer. */
const TIMEOUT = 1500

/** What a run did, and where the store was untruthful. */
export interface FaultRun {
  readonly wrong: readonly string[]
  readonly ends: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
}

/** Runs operations on our own server. The same seed gives the same faults for the same order of requests. */
export async function runUnderFaults(seed: number, operations: number): Promise<FaultRun> {
  const ends: (() => Promise<void>)[] = []
  try {
    const random = seeded(seed)
    const service = new FaultyService(random)
    const options = { credentials: service.credentials, requestTimeout: TIMEOUT, maxAttempts: 4 }
    const { program, truth, proxy } = await openSide(await own(ends), 'the store', ends, options)
    const books = new Books(program, truth, random)
    await books.open()
    const detach = service.attach(proxy)
    let begun = 0
    const work = async (): Promise<void> => {
      while (begun++ < operations) await books.operate()
    }
    await Promise.all(Array.from({ length: WRITERS }, work))
    detach()
    await proxy.settled('')
    return { wrong: await books.audit(), ends: books.ends, faults: service.counts }
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

/** How often something was reported as done, and as possibly done. */
interface Entry {
  done: number
  unknown: number
}

/** What the store has reported, beside what is stored. */
class Books {
  readonly ends: Record<string, number> = {}
  readonly #program: Program
  readonly #truth: Program
  readonly #random: () => number
  readonly #run = randomBytes(4).toString('hex')
  /** Created rows: their text, and what was reported. */
  readonly #rows = new Map<string, { readonly lines: readonly string[]; readonly reported: string }>()
  readonly #counters = new Map<string, Entry>()
  readonly #wrong: string[] = []
  #serial = 0

  constructor(program: Program, truth: Program, random: () => number) {
    this.#program = program
    this.#truth = truth
    this.#random = random
  }

  async open(): Promise<void> {
    for (let i = 0; i < ROWS; i++) {
      await this.#truth.db.Plain.create({ id: this.#id('counter', i) })
      await this.#truth.db.Indexed.create({ id: this.#id('account', i), n: MONEY })
      this.#counters.set(this.#id('counter', i), { done: 0, unknown: 0 })
    }
  }

  operate(): Promise<void> {
    const jobs = [() => this.#create(), () => this.#count(false), () => this.#count(true), () => this.#pay()]
    const job = [...jobs, () => this.#read()][this.#pick(jobs.length + 1)]
    return (job as () => Promise<void>)()
  }

  /** @returns what is wrong. */
  async audit(): Promise<readonly string[]> {
    const { db } = this.#truth
    const consistent = { consistent: true } as const
    for (const [id, { lines, reported }] of this.#rows) {
      const row = await db.Plain.get({ id }, consistent)
      if (reported === 'done' && !row) this.#wrong.push(`${id} was acknowledged and is missing`)
      if (reported !== 'done' && reported !== 'OutcomeUnknown' && row)
        this.#wrong.push(`${id}: ${reported}, but stored`)
      if (row && String(row.lines) !== String(lines)) this.#wrong.push(`${id} has other lines`)
    }
    for (const [id, { done, unknown }] of this.#counters) {
      const { n = -1 } = (await db.Plain.get({ id }, consistent)) ?? {}
      if (n < done || n > done + unknown) this.#wrong.push(`${id}: ${n} of ${done} done and ${unknown} unknown`)
    }
    let money = 0
    for (let i = 0; i < ROWS; i++) money += (await db.Indexed.get({ id: this.#id('account', i) }, consistent))?.n ?? 0
    if (money !== ROWS * MONEY) this.#wrong.push(`money: ${money} instead of ${ROWS * MONEY}`)
    return this.#wrong
  }

  async #create(): Promise<void> {
    const id = this.#id('row', this.#serial++)
    const lines = Array.from({ length: 1 + this.#pick(20) }, (_, i) => `line ${i} of ${id}`)
    this.#rows.set(id, { lines, reported: await this.#end(() => this.#program.db.Plain.create({ id, lines })) })
  }

  async #count(exactlyOnce: boolean): Promise<void> {
    const id = this.#id('counter', this.#pick(ROWS))
    const reported = await this.#end(() => this.#program.db.Plain.update({ id }, { n: add(1) }, { exactlyOnce }))
    const entry = this.#counters.get(id) as Entry
    if (reported === 'done') entry.done++
    if (reported === 'OutcomeUnknown') entry.unknown++
  }

  async #pay(): Promise<void> {
    const from = this.#pick(ROWS)
    const to = (from + 1 + this.#pick(ROWS - 1)) % ROWS
    await this.#end(() =>
      this.#program.db.transaction(
        async tx => {
          await tx.Indexed.update({ id: this.#id('account', from) }, { n: add(-1) })
          await tx.Indexed.update({ id: this.#id('account', to) }, { n: add(1) })
        },
        { attempts: 20 },
      ),
    )
  }

  /** Reads an acknowledged row: a damaged answer must be an error and never another row. */
  async #read(): Promise<void> {
    const done = [...this.#rows].filter(([, { reported }]) => reported === 'done')
    const [id, made] = done[this.#pick(done.length)] ?? []
    if (id === undefined) return
    await this.#end(async () => {
      const row = await this.#program.db.Plain.get({ id }, { consistent: true })
      if (String(row?.lines) !== String(made?.lines)) this.#wrong.push(`${id} was read as ${JSON.stringify(row)}`)
    })
  }

  async #end(work: () => Promise<unknown>): Promise<string> {
    let end = 'done'
    try {
      await work()
    } catch (error) {
      end = error instanceof PartitaError ? error.code : String(error)
      if (!KNOWN_ENDS.has(end)) this.#wrong.push(`an operation ended in ${end}: ${(error as Error).message}`)
    }
    this.ends[end] = (this.ends[end] ?? 0) + 1
    return end
  }

  #id(kind: string, number: number): string {
    return `${this.#run}-${kind}${number}`
  }

  #pick(count: number): number {
    return Math.floor(this.#random() * count)
  }
}

const KNOWN_ENDS = new Set(['done', 'OutcomeUnknown', 'Conflict', 'Throttled', 'Unavailable'])
