/** Measures the cost of a module for the project's TypeScript compiler. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { programFolder } from './folder.js'

export interface CompilerCost {
  readonly instantiations: number
  /** Seconds of type checking, without reading and parsing. */
  readonly check: number
}

/**
 * @param name the name of the folder for the module.
 * @throws Error with the compiler's messages if the module does not compile: its figures would be too low.
 */
export async function compile(name: string, module: string): Promise<CompilerCost> {
  const folder = programFolder(`types/${name}`)
  writeFileSync(join(folder, 'module.ts'), module)
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../../tsconfig.base.json',
      compilerOptions: { composite: false, declaration: false, noEmit: true },
      files: ['module.ts'],
    }),
  )
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const report = await run([tsc, '-p', folder, '--extendedDiagnostics'])
  return { instantiations: figureOf(report, 'Instantiations'), check: figureOf(report, 'Check time') }
}

async function run(args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 })
    return stdout
  } catch (error) {
    const { stdout = '' } = error as { readonly stdout?: string }
    throw new Error(stdout.slice(0, 2000) || 'the compiler did not run', { cause: error })
  }
}

function figureOf(report: string, name: string): number {
  const text = new RegExp(`^${name}: +([\\d.]+)`, 'm').exec(report)?.[1]
  if (!text) throw new Error(`The compiler did not report ${name}`)
  return Number(text)
}
