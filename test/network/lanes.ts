/** Runs one write under a sequence of faults and checks that the reported outcome is true. */
import { AMBIGUOUS, type Fault, type FaultProxy, type Passing } from './fault-proxy.js'
import { interfere, type Kind, look, type Other, type Program, prepare } from './writes.js'

export interface Trial {
  readonly kind: Kind
  readonly faults: readonly Fault[]
  readonly other: Other
}

/** The faults that the proxy injects into one trial, and its observations. */
interface Lane {
  readonly faults: Fault[]
  readonly met: Fault[]
  /** One entry for each time that the server applied the write: the token of a transaction, or a number. */
  readonly done: Set<string>
  between: (() => Promise<void>) | undefined
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems', 'BatchWriteItem'])
/** Faults that only occur in transactions. */
const OF_TRANSACTIONS: readonly Fault[] = ['inProgress']

export class Lanes {
  readonly #lanes = new Map<string, Lane>()
  readonly #proxy: FaultProxy
  readonly #program: Program
  readonly #truth: Program

  /** @param truth the same tables, accessed without the proxy. */
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

  /** @returns what is wrong with the reported outcome; undefined if it is true. */
  async run({ kind, faults, other }: Trial, id: string): Promise<string | undefined> {
    const [program, truth] = [this.#program, this.#truth]
    await prepare(truth, kind, id)
    // The other writer may still be running when the program stops waiting.
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
    let reported = 'done'
    try {
      await kind.run(program, id)
    } catch (error) {
      reported = String((error as { code?: string }).code ?? error)
      // On a busy machine a request may time out without an injected fault.
      if (isTimeout(error)) lane.met.push('hang')
    }
    let item: Awaited<ReturnType<typeof look>>
    let counted: number
    // On a busy machine an abandoned request may reach the server later, even while the item is read.
    do {
      await this.#proxy.settled(id)
      await interference
      counted = lane.done.size
      item = await look(truth, kind, id)
      await this.#proxy.settled(id)
    } while (lane.done.size !== counted)
    this.#lanes.delete(id)
    const wrong =
      this.#wrong(kind, lane, reported, item) ?? miscount(kind, lane, interference ? other : 'nothing', item)
    return (
      wrong && `${kind.name} under ${faults.join(', ')} with another writer: ${other}; reported ${reported}: ${wrong}`
    )
  }

  #wrong({ byState }: Kind, { done, met }: Lane, reported: string, item: object | undefined): string | undefined {
    if (done.size > 1) return `it was applied ${done.size} times`
    const isOpen = met.some(fault => AMBIGUOUS.has(fault))
    if (reported === 'done') {
      const isSo = byState && (byState === 'there') === (item !== undefined)
      return done.size === 1 || isSo ? undefined : 'it was not applied'
    }
    if (reported === 'OutcomeUnknown') return isOpen ? undefined : 'its outcome was known'
    return done.size === 0 ? undefined : 'it was applied'
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

/** Checks that a counter contains each applied addition once. */
function miscount({ adds }: Kind, { done }: Lane, other: Other, item: object | undefined): string | undefined {
  if (adds === undefined || other === 'remove' || !item) return undefined
  const { n } = item as { readonly n: number }
  const wanted = done.size * adds + (other === 'touch' ? 100 : 0)
  return n === wanted ? undefined : `its counter is ${n} instead of ${wanted}`
}

/** Runs trials concurrently, with more at a time of those that wait for a timeout. @returns the false reports. */
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
