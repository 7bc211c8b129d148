/** Chance that can be repeated: the same seed and number of a request give the same request. */
export class Random {
  #state: number

  constructor(seed: number, request: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(request + 1, 0xc2b2ae35)
    for (let i = 0; i < 3; i++) this.fraction()
  }

  /** From 0 to below 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number below the limit. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<Element>(list: readonly Element[]): Element {
    return list[this.below(list.length)] as Element
  }

  /** Small numbers mostly, and now and then one up to the limit. */
  size(limit: number): number {
    return this.oneIn(40) ? this.below(limit) : this.below(5)
  }

  list<Element>(length: number, make: (index: number) => Element): Element[] {
    return Array.from({ length }, (_, index) => make(index))
  }
}
