/**
 * Interleaved rounds: in every round each contender runs once for a short time, and ratios are taken within a round. So
 * the noise of the machine affects all contenders alike.
 */

/** One operation; asynchronous if it returns a promise. */
export type Operation = () => unknown

export interface Contender {
  readonly name: string
  readonly operation: Operation
}

/** Runs an operation for a time and returns one figure. */
export type Meter = (operation: Operation, atOnce: number, milliseconds: number) => Promise<number>

export interface Pace {
  readonly rounds: number
  /** Duration of one contender in one round. */
  readonly milliseconds: number
  /** Duration of the warm-up, in milliseconds. */
  readonly warmUp: number
}

export interface Ratio {
  readonly median: number
  /** The first and third quartile of the rounds. */
  readonly low: number
  readonly high: number
}

/** The figures of each contender, one for each round. */
export class Figures {
  readonly #rounds = new Map<string, number[]>()

  add(name: string, figure: number): void {
    const rounds = this.#rounds.get(name)
    if (rounds) rounds.push(figure)
    else this.#rounds.set(name, [figure])
  }

  has(name: string): boolean {
    return this.#rounds.has(name)
  }

  median(name: string): number {
    return median(this.#of(name))
  }

  /** The ratios of one contender's figures to another's, round by round. */
  ratio(name: string, against: string): Ratio {
    const others = this.#of(against)
    const ratios = this.#of(name).map((figure, round) => figure / (others[round] as number))
    return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) }
  }

  #of(name: string): readonly number[] {
    const rounds = this.#rounds.get(name)
    if (!rounds) throw new Error(`${name} was not measured`)
    return rounds
  }
}

/** Measures the contenders side by side. */
export async function compare(
  contenders: readonly Contender[],
  atOnce: number,
  meter: Meter,
  { rounds, milliseconds, warmUp }: Pace,
): Promise<Figures> {
  const figures = new Figures()
  for (const { operation } of contenders) await meter(operation, atOnce, warmUp)
  for (let round = 0; round < rounds; round++) {
    // The order rotates, because caches and the garbage collector depend on it.
    const order = contenders.map((_, i) => contenders[(i + round) % contenders.length] as Contender)
    for (const { name, operation } of order) figures.add(name, await meter(operation, atOnce, milliseconds))
  }
  return figures
}

/** Operations a second. */
export const rate: Meter = async (operation, atOnce, milliseconds) => {
  const start = performance.now()
  const count = await run(operation, atOnce, start + milliseconds)
  return (count / (performance.now() - start)) * 1000
}

/** Microseconds of CPU time for one operation in this process, on all its threads. */
export const cpuCost: Meter = async (operation, atOnce, milliseconds) => {
  const before = process.cpuUsage()
  const count = await run(operation, atOnce, performance.now() + milliseconds)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

/** Operations between two readings of the clock, which would distort the fastest operation. */
const OPERATIONS_PER_LOOK = 8

async function run(operation: Operation, atOnce: number, end: number): Promise<number> {
  let count = 0
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      for (let i = 0; i < OPERATIONS_PER_LOOK; i++) {
        const outcome = operation()
        if (outcome instanceof Promise) await outcome
        count++
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return count
}

export function median(figures: readonly number[]): number {
  return quantile(figures, 0.5)
}

/** The quantile of the figures, interpolated between two of them. */
function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] as number
  const above = sorted[Math.ceil(position)] as number
  return below + (above - below) * (position - Math.floor(position))
}
