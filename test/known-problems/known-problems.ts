/** Reads the lists of problems that other libraries have, and ties tests to their numbers. */
import { readdirSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = new URL('./', import.meta.url)

/** A row of a list. */
export interface KnownProblem {
  readonly number: number
  readonly text: string
  /** The file that tests it, in backticks, or why it cannot occur here. */
  readonly test: string
}

/** The names of all lists. */
export const LISTS: readonly string[] = readdirSync(folder)
  .filter(file => file.endsWith('.md'))
  .map(file => file.slice(0, -'.md'.length))

/** @returns the problems of a list, in its order. */
export function readList(list: string): KnownProblem[] {
  const text = readFileSync(new URL(`${list}.md`, folder), 'utf8')
  const rows = text.matchAll(/^\| +(\d+) \| (.+?) +\| (.+?) +\|$/gm)
  return [...rows].map(([, number, text, test]) => ({
    number: Number(number),
    text: text as string,
    test: test as string,
  }))
}

/**
 * @param list the name of a list.
 * @param file the URL of the test file: it must test the problems for which the list names it.
 */
export function knownProblems(list: string, file: string) {
  const path = relative(root, fileURLToPath(file)).replaceAll('\\', '/')
  const own = readList(list).filter(({ test }) => test === `\`${path}\``)
  const tested = new Set<number>()
  const add = (numbers: readonly number[], title: string, body: () => void | Promise<void>): void => {
    for (const number of numbers) tested.add(number)
    it(`${title} [${numbers.join(', ')}]`, body)
  }
  return {
    /** Adds a test that shows that the numbered problems are absent. */
    absent: add,
    /** Adds a test that shows that the numbered requirements of a list of requirements hold. */
    holds: add,
    /** Adds a test that fails unless this file tests exactly the problems for which the list names it. */
    allAccountedFor(): void {
      it(`every problem that ${list}.md assigns to this file has a test`, () => {
        expect([...tested].sort((a, b) => a - b)).toEqual(own.map(({ number }) => number))
      })
    },
  }
}
