/** Repeatable random numbers: the same seed and number give the same request. */
export class Random {
  #state: number

  constructor(seed: number, request: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(request + 1, 0xc2b2ae35)
    for (let i = 0; i < 3; i++) this.fraction()
  }

  /** At least 0 and less than 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** An integer of at least 0 and less than the limit. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  /** True with a probability of one in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<Element>(list: readonly Element[]): Element {
    return list[this.below(list.length)] as Element
  }

  /** Mostly small numbers, and sometimes one up to the limit. */
  size(limit: number): number {
    return this.oneIn(40) ? this.below(limit) : this.below(5)
  }

  list<Element>(length: number, make: (index: number) => Element): Element[] {
    return Array.from({ length }, (_, index) => make(index))
  }
}
