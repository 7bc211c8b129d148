/** Prints answers with their cost: requests, capacity units, time. */
import type { Atlas } from './database.js'

/** Runs a question and prints its title, its answer and its cost. */
export type Ask = <Answer>(
  title: string,
  question: () => Promise<Answer>,
  show: (answer: Answer) => readonly string[],
) => Promise<void>

export function makeMeter(db: Atlas, print: (line: string) => void): Ask {
  let requests = 0
  let units = 0
  db.on('operation', ({ capacity }) => {
    requests++
    units += capacity.read + capacity.write
  })
  return async (title, question, show) => {
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
  }
}
