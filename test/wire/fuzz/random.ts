/** Repeatable random numbers: the same seed and number give the same request. */
import { seeded } from '../../seeded.js'

/** A source of them. */
export class Random {
  /** Returns a number of at least 0 and less than 1. */
  readonly fraction: () => number

  constructor(seed: number, request: number) {
    this.fraction = seeded(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(request + 1, 0xc2b2ae35))
    for (let i = 0; i < 3; i++) this.fraction()
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
