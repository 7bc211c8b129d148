/** The examples of doc comments are complete programs: each compiles and runs as it is written. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Example, examplesBelow, programOf } from './examples.js'
import { programFolder, runPrograms } from './programs.js'

const packages = fileURLToPath(new URL('../packages', import.meta.url))
const examples = ['partita', 'cli'].flatMap(name => examplesBelow(join(packages, name, 'src')))

const folder = programFolder('examples')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  types: ['node'],
  strict: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
}

/** The mistakes that the compiler reports in each example, and the outcome of its run. */
const outcomes = new Map<Example, { readonly mistakes: readonly string[]; readonly run: string | undefined }>()

beforeAll(() => {
  const files = examples.map((_, i) => join(folder, `example-${i}.mts`))
  for (const [i, example] of examples.entries()) writeFileSync(files[i] as string, programOf(example))
  const program = ts.createProgram(files, OPTIONS)
  const diagnostics = ts.getPreEmitDiagnostics(program)
  program.emit()
  const runs = runPrograms(files.map(file => file.replace('.mts', '.mjs')))
  for (const [i, example] of examples.entries()) {
    const own = diagnostics.filter(({ file }) => file?.fileName === files[i])
    const mistakes = own.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    outcomes.set(example, { mistakes, run: runs[i] })
  }
})

it('the packages have examples', () => {
  expect(examples.length).toBeGreaterThan(30)
})

it.each(examples.map(example => [example.source, example] as const))(
  'the example at %s compiles and runs',
  (_, example) => {
    expect(outcomes.get(example), example.code).toEqual({ mistakes: [], run: 'ok' })
  },
)
