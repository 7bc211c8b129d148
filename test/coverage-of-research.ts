/** Ties tests to the numbered bugs that research found elsewhere, so that none is forgotten. */
import { expect, it } from 'vitest'

/**
 * @param count how many bugs are numbered, from 1.
 * @param elsewhere why a bug is not tested in this file: it cannot happen here, or another test shows it.
 */
export function researchedBugs(count: number, elsewhere: Readonly<Record<number, string>>) {
  const tested = new Set<number>()
  return {
    /** A test that shows the numbered bugs to be absent. */
    absent(bugs: readonly number[], title: string, body: () => void | Promise<void>): void {
      for (const bug of bugs) tested.add(bug)
      it(`${title} [${bugs.join(', ')}]`, body)
    },
    /** A test that fails when a number has neither a test nor a reason. */
    allAccountedFor(): void {
      it('has a test or a reason for every numbered bug', () => {
        const numbers = Array.from({ length: count }, (_, i) => i + 1)
        expect(numbers.filter(bug => !tested.has(bug) && elsewhere[bug] === undefined)).toEqual([])
        expect(numbers.filter(bug => tested.has(bug) && elsewhere[bug] !== undefined)).toEqual([])
      })
    },
  }
}
