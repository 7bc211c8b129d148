/** Ties tests to the numbered bugs that research found elsewhere, so that none is forgotten. */
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'

/** Why a bug has no test in a file, by its number. */
export type Reasons = Readonly<Record<number, string>>

/**
 * @param count how many bugs are numbered, from 1.
 * @param elsewhere why a bug is not tested in this file: it cannot happen here, or another test shows it.
 */
export function researchedBugs(count: number, elsewhere: Reasons) {
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

/**
 * The numbered bugs, shared by the files of a folder: a number that is in no share and has no reason fails in every
 * file, and one of a file's own share that has no test there fails in that file.
 *
 * @param shares the bugs of each file, by its name without `.test.ts`.
 * @param folder the URL of a file in the folder.
 */
export function sharedBugs<File extends string>(
  count: number,
  shares: Readonly<Record<File, readonly number[]>>,
  elsewhere: Reasons,
  folder: string,
) {
  const files = Object.entries<readonly number[]>(shares)
  const missing = files.filter(([file]) => !existsSync(new URL(`${file}.test.ts`, folder)))
  if (missing.length > 0) throw new Error(`There is no ${missing.map(([file]) => `${file}.test.ts`).join(', ')}`)
  return (own: File) => {
    const others = files.filter(([file]) => file !== own)
    const named = others.flatMap(([file, bugs]) => bugs.map(bug => [bug, `${file}.test.ts`]))
    return researchedBugs(count, { ...Object.fromEntries(named), ...elsewhere })
  }
}
