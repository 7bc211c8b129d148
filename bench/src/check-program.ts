/**
 * Checks the program of a folder, in a process of its own as `tsc` does, and prints its cost as JSON. The time is that of
 * the CPU, which other work on the machine changes less than the time that `tsc` reports.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { CompilerCost } from './compiler.js'

const ts: typeof import('typescript') = createRequire(import.meta.url)('typescript')
const folder = process.argv[2] as string

const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile)
const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, folder)
const program = ts.createProgram(fileNames, options)
const problems = [
  ...program.getOptionsDiagnostics(),
  ...program.getSyntacticDiagnostics(),
  ...program.getGlobalDiagnostics(),
]

const start = process.cpuUsage()
problems.push(...program.getSemanticDiagnostics())
const { user, system } = process.cpuUsage(start)

const cost: CompilerCost = { instantiations: program.getInstantiationCount(), check: (user + system) / 1e6 }
process.stdout.write(
  problems.length > 0
    ? ts.formatDiagnostics(problems, { ...ts.sys, getCanonicalFileName: it => it, getNewLine: () => '\n' })
    : JSON.stringify(cost),
)
if (problems.length > 0) process.exitCode = 1
