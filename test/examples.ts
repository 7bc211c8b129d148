/** Finds the examples of doc comments and makes programs of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An example of a doc comment. */
export interface Example {
  /** The file and the line of its tag. */
  readonly source: string
  readonly code: string
}

const COMMENT = /\/\*\*.*?\*\//gs
/** The text of the tag, up to the next tag or the end of the comment. */
const EXAMPLE = /^@example(.*?)(?=^@|(?!.))/gms
/** An expression alone on its line, and its value in a comment that is a literal. */
const VALUE = /^(?!const |let |import |export )(\S.*?) \/\/ ((?:[-\d'[{]|true$|false$|undefined$|null$).*)$/gm

/** @returns the examples of all source files below a folder. */
export function examplesBelow(folder: string): Example[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.includes('.test'))
    .sort()
    .flatMap(file => examplesOf(file, readFileSync(join(folder, file), 'utf8')))
}

function examplesOf(file: string, text: string): Example[] {
  return [...text.matchAll(COMMENT)].flatMap(({ 0: comment, index }) => {
    const lines = comment.replace(/\*\/$/, '').replace(/^[ \t]*\/?\*+ ?/gm, '')
    return [...lines.matchAll(EXAMPLE)].map(({ 1: code, index: offset }) => ({
      source: `${file}:${lineOf(text, index) + lineOf(lines, offset) - 1}`,
      code: (code as string).trim(),
    }))
  })
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

/** @returns a program that runs the example, and fails if an expression does not have the value in its comment. */
export function programOf({ code }: Example): string {
  const checked = code.replace(VALUE, 'assert.deepStrictEqual($1, $2)')
  // The port may be in use on this machine.
  return `import assert from 'node:assert'\n${checked.replace('port: 8000', 'port: 0')}\n`
}
