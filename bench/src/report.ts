/** The report of a group: the figures of every contender, and the ratios with their budgets. */
import type { Figures } from './measure.js'
import { figure, printTable } from './table.js'

/** A budget: the minimum or the maximum of a ratio. */
type Bar = { readonly atLeast: number } | { readonly atMost: number }

export interface Claim {
  readonly of: string
  readonly against: string
  /** Missing if there is no budget: then the ratio is for information. */
  readonly bar?: Bar
}

interface Case {
  readonly name: string
  readonly atOnce: number
  readonly figures: Figures
  readonly claims: readonly Claim[]
}

export class Report {
  readonly #title: string
  readonly #unit: string
  readonly #contenders: readonly string[]
  readonly #cases: Case[] = []

  /** @param contenders the columns, in order. A case can omit some. */
  constructor(title: string, unit: string, contenders: readonly string[]) {
    this.#title = title
    this.#unit = unit
    this.#contenders = contenders
  }

  /** Claims about contenders that were not measured are skipped. */
  add(name: string, atOnce: number, figures: Figures, claims: readonly Claim[]): void {
    const measured = claims.filter(claim => figures.has(claim.of) && figures.has(claim.against))
    this.#cases.push({ name, atOnce, figures, claims: measured })
  }

  print(): void {
    const head = ['operation', 'at once', ...this.#contenders]
    const rows = this.#cases.map(({ name, atOnce, figures }) => [
      name,
      `${atOnce}`,
      ...this.#contenders.map(contender => (figures.has(contender) ? figure(figures.median(contender)) : '')),
    ])
    printTable(`${this.#title}: ${this.#unit}, medians of interleaved rounds`, [head, ...rows], true)
    const ratios = this.#cases.flatMap(ratioRows)
    if (ratios.length > 0) {
      const ratioHead = ['operation', 'at once', 'of', 'to', 'ratio', 'middle half', 'bar', '']
      printTable(`${this.#title}: ratios`, [ratioHead, ...ratios], true)
    }
  }
}

function ratioRows({ name, atOnce, figures, claims }: Case): string[][] {
  return claims.map(({ of, against, bar }) => {
    const { median, low, high } = figures.ratio(of, against)
    const range = `${figure(low)} - ${figure(high)}`
    return [name, `${atOnce}`, of, against, `${figure(median)} x`, range, barText(bar), verdict(median, bar)]
  })
}

function barText(bar: Bar | undefined): string {
  if (!bar) return ''
  return 'atLeast' in bar ? `>= ${bar.atLeast}` : `<= ${bar.atMost}`
}

function verdict(ratio: number, bar: Bar | undefined): string {
  if (!bar) return ''
  return ('atLeast' in bar ? ratio >= bar.atLeast : ratio <= bar.atMost) ? 'met' : 'MISSED'
}
