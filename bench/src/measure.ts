/**
 * Interleaved rounds: in every round each contender runs once for a short time, one after the other, and what is
 * compared is taken within a round. Whatever else the machine does falls on all of them alike.
 */

/** One operation; asynchronous where it returns a promise. */
export type Operation = () => unknown

export interface Contender {
  readonly name: string
  readonly operation: Operation
}

/** Runs an operation for a time and says one figure of it. */
export type Meter = (operation: Operation, atOnce: number, milliseconds: number) => Promise<number>

export interface Pace {
  readonly rounds: number
  /** How long one contender runs in one round. */
  readonly milliseconds: number
  /** How long it runs before, so that the compiler has seen to it, in milliseconds. */
  readonly warmUp: number
}

export interface Ratio {
  readonly median: number
  /** The middle half of the rounds lies between these. */
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

  /** Of the figures of one contender to those of another, round by round. */
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
    // Another one begins each time: who follows whom matters to caches and to the garbage collector.
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

/** Microseconds of CPU that one operation costs this process, on all its threads. */
export const cpuCost: Meter = async (operation, atOnce, milliseconds) => {
  const before = process.cpuUsage()
  const count = await run(operation, atOnce, performance.now() + milliseconds)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

/** Looking at the clock costs as much as a small part of the fastest operation, so it is not done after each. */
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

/** The figure that this share of the figures lies below, between two of them where it has to be. */
function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}
