/** Prints answers with what they cost: requests, capacity units, time. */
import type { TableEvent } from 'partita/table'

export interface Meter {
  /** To be told of every request. */
  observe(event: TableEvent): void
  /** Runs a question and prints its title, its answer and its cost. */
  ask<Answer>(
    title: string,
    question: () => Promise<Answer>,
    show: (answer: Answer) => readonly string[],
  ): Promise<void>
}

export function makeMeter(print: (line: string) => void): Meter {
  let requests = 0
  let units = 0
  return {
    observe({ capacity }) {
      requests++
      units += capacity.read + capacity.write
    },
    async ask(title, question, show) {
      requests = 0
      units = 0
      const since = performance.now()
      const answer = await question()
      const milliseconds = (performance.now() - since).toFixed(1)
      print('')
      print(title)
      for (const line of show(answer)) print(`  ${line}`)
      const plural = requests === 1 ? 'request' : 'requests'
      print(`  (${requests} ${plural}, ${units} capacity units, ${milliseconds} ms)`)
    },
  }
}
