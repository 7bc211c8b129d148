/** Random choices that depend only on a seed. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** A whole number from 0 to bound - 1. */
  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((this.#state / 0x80000000) * bound)
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** A list of 0 to bound - 1 values. */
  some<T>(bound: number, make: () => T): T[] {
    return Array.from({ length: this.below(bound) }, make)
  }
}
