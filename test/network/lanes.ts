/** One write under a sequence of faults, and whether what the program was told is so. */
import { AMBIGUOUS, type Fault, type FaultProxy, type Passing } from './fault-proxy.js'
import { interfere, type Kind, look, type Other, type Program, prepare } from './writes.js'

export interface Trial {
  readonly kind: Kind
  readonly faults: readonly Fault[]
  readonly other: Other
}

/** What the proxy does to the requests of one trial, and has seen of them. */
interface Lane {
  readonly faults: Fault[]
  readonly met: Fault[]
  /** One entry for each time that the server did the write: the token of a transaction, or a number. */
  readonly done: Set<string>
  between: (() => Promise<void>) | undefined
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchWriteItem'])
/** Faults that only a transaction can meet. */
const OF_TRANSACTIONS: readonly Fault[] = ['inProgress']

export class Lanes {
  readonly #lanes = new Map<string, Lane>()
  readonly #proxy: FaultProxy
  readonly #program: Program
  readonly #truth: Program

  /** @param truth the same tables, past the proxy. */
  constructor(proxy: FaultProxy, program: Program, truth: Program) {
    this.#proxy = proxy
    this.#program = program
    this.#truth = truth
    proxy.decide = passing => this.#decide(passing)
    proxy.seen = (passing, status) => this.#seen(passing, status)
    proxy.failed = async ({ body }) => {
      const lane = this.#laneOf(body)
      const between = lane?.between
      if (lane) lane.between = undefined
      await between?.()
    }
  }

  /** @returns what is wrong with what the program was told; undefined where it is so. */
  async run({ kind, faults, other }: Trial, id: string): Promise<string | undefined> {
    const [program, truth] = [this.#program, this.#truth]
    await prepare(truth, kind, id)
    // Another program may still be at work when this one has given up waiting.
    let interference: Promise<void> | undefined
    const lane: Lane = {
      faults: [...faults],
      met: [],
      done: new Set(),
      between: () => {
        interference = interfere(truth, kind, id, other)
        return interference
      },
    }
    this.#lanes.set(id, lane)
    let told = 'done'
    try {
      await kind.run(program, id)
    } catch (error) {
      told = String((error as { code?: string }).code ?? error)
      // On a busy machine a request may time out that met no fault at all.
      if (isTimeout(error)) lane.met.push('hang')
    }
    let item: Awaited<ReturnType<typeof look>>
    let counted: number
    // On a busy machine a request that the program gave up may reach the server later, even while the item is read.
    do {
      await this.#proxy.settled(id)
      await interference
      counted = lane.done.size
      item = await look(truth, kind, id)
      await this.#proxy.settled(id)
    } while (lane.done.size !== counted)
    this.#lanes.delete(id)
    const wrong = this.#wrong(kind, lane, told, item) ?? miscount(kind, lane, interference ? other : 'nothing', item)
    return wrong && `${kind.name} under ${faults.join(', ')} with another: ${other}; told ${told}: ${wrong}`
  }

  #wrong({ byState }: Kind, { done, met }: Lane, told: string, item: object | undefined): string | undefined {
    if (done.size > 1) return `it was done ${done.size} times`
    const isOpen = met.some(fault => AMBIGUOUS.has(fault))
    if (told === 'done') {
      const isSo = byState && (byState === 'there') === (item !== undefined)
      return done.size === 1 || isSo ? undefined : 'it was not done'
    }
    if (told === 'OutcomeUnknown') return isOpen ? undefined : 'there was no doubt'
    return done.size === 0 ? undefined : 'it was done'
  }

  #decide({ operation, body }: Passing): Fault | undefined {
    const lane = WRITES.has(operation) ? this.#laneOf(body) : undefined
    const isTransaction = operation === 'TransactWriteItems'
    while (lane && lane.faults.length > 0) {
      const fault = lane.faults.shift() as Fault
      const isMeaningless =
        (OF_TRANSACTIONS.includes(fault) && !isTransaction) || (fault === 'conflict' && operation === 'BatchWriteItem')
      if (isMeaningless) continue
      lane.met.push(fault)
      return fault
    }
    return undefined
  }

  #seen({ operation, body }: Passing, status: number): void {
    const lane = WRITES.has(operation) && status === 200 ? this.#laneOf(body) : undefined
    lane?.done.add(operation === 'TransactWriteItems' ? JSON.parse(body).ClientRequestToken : `write ${lane.done.size}`)
  }

  #laneOf(body: string): Lane | undefined {
    for (const [id, lane] of this.#lanes) if (body.includes(id)) return lane
    return undefined
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (['TimeoutError', 'CallEnded'].includes(error.name) || isTimeout(error.cause))
}

/** Counters hold what was added once by each who was done. */
function miscount({ adds }: Kind, { done }: Lane, other: Other, item: object | undefined): string | undefined {
  if (adds === undefined || other === 'remove' || !item) return undefined
  const { n } = item as { readonly n: number }
  const wanted = done.size * adds + (other === 'touch' ? 100 : 0)
  return n === wanted ? undefined : `its counter is ${n} instead of ${wanted}`
}

/** Runs trials side by side; many of those that wait for a time-out. @returns what was wrong. */
export async function runTrials(lanes: Lanes, trials: readonly Trial[], prefix: string): Promise<string[]> {
  const wrong: string[] = []
  const run = async (some: readonly Trial[], name: string, width: number): Promise<void> => {
    let begun = 0
    const work = async (): Promise<void> => {
      while (begun < some.length) {
        const at = begun++
        const complaint = await lanes.run(some[at] as Trial, `${prefix}-${name}-${String(at).padStart(6, '0')}`)
        if (complaint) wrong.push(complaint)
      }
    }
    await Promise.all(Array.from({ length: width }, work))
  }
  const waits = ({ faults }: Trial) => faults.includes('hang') || faults.includes('doneHang')
  const waiting = trials.filter(waits)
  await Promise.all([
    run(waiting, 'waiting', 32),
    run(
      trials.filter(it => !waits(it)),
      'ready',
      8,
    ),
  ])
  return wrong
}
