/** Measures the cost of a module for the project's TypeScript compiler. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { programFolder } from './folder.js'

export interface CompilerCost {
  readonly instantiations: number
  /** Seconds of CPU for type checking, garbage collection included, without reading and parsing. */
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
  return JSON.parse(
    await run([fileURLToPath(new URL('../dist/check-program.js', import.meta.url)), folder]),
  ) as CompilerCost
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
