/** The lists of known problems are complete: each problem has a test that exists, or a reason. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { LISTS, readList } from './known-problems.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A file that ties its tests to the numbers of the list. */
const NUMBERED = /^`(\S+\.test\.ts)`$/
/** A suite that covers the problem without naming its number, or a reason. */
const OTHER = /^(?:Covered by `\S+`\.|Not applicable: .*\.)$/

/** The paths in a text. */
const pathsIn = (text: string): string[] => [...text.matchAll(/`([^`]*\/[^`]*)`/g)].map(([, path]) => path as string)

/** Whether a test file fails when it does not test all problems that the list assigns to it. */
function isComplete(file: string, list: string): boolean {
  const source = readFileSync(join(root, file), 'utf8')
  return source.includes(`knownProblems('${list}', import.meta.url)`) && source.includes('allAccountedFor()')
}

describe.each(LISTS)('the list %s.md', list => {
  const problems = readList(list)
  const numbered = new Set(problems.flatMap(({ test }) => NUMBERED.exec(test)?.[1] ?? []))

  it('the problems are numbered from 1 without a gap', () => {
    expect(problems).not.toEqual([])
    expect(problems.map(({ number }) => number)).toEqual(problems.map((_, i) => i + 1))
  })

  it('each problem has a test or a reason', () => {
    expect(problems.filter(({ test }) => !NUMBERED.test(test) && !OTHER.test(test))).toEqual([])
  })

  it('every file that the list names exists', () => {
    expect(problems.flatMap(({ test }) => pathsIn(test)).filter(path => !existsSync(join(root, path)))).toEqual([])
  })

  it('each test file in the list fails when one of its problems has no test', () => {
    expect([...numbered].filter(file => !isComplete(file, list))).toEqual([])
  })
})
