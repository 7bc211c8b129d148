/** Runs a bundled program, and finds out which chunks of the bundle it has loaded at each of its stages. */
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { programFolder } from './folder.js'

/** What a program has loaded when it reaches a stage. */
export interface Stage {
  readonly name: string
  readonly chunks: number
  /** Sizes of these chunks, in bytes. */
  readonly minified: number
  readonly zipped: number
}

/**
 * Bundles a program with what it imports, but the store and packages beside the library, and runs it.
 * @param text a module that calls `stage(name)` at its stages.
 */
export async function loadedChunks(name: string, text: string): Promise<Stage[]> {
  const outdir = programFolder(`chunks/${name}`)
  rmSync(outdir, { recursive: true, force: true })
  programFolder(`chunks/${name}`)
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: outdir },
    bundle: true,
    splitting: true,
    outdir,
    format: 'esm',
    minify: true,
    write: false,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['partita/embedded', '@aws-sdk/*', 'node:*', ...builtinModules],
    logLevel: 'error',
  })
  const sizes = new Map<string, { readonly minified: number; readonly zipped: number }>()
  for (const { path, contents, text: code } of outputFiles) {
    const chunk = basename(path)
    sizes.set(chunk, { minified: contents.length, zipped: gzipSync(contents, { level: 9 }).length })
    writeFileSync(path, `globalThis.loaded.add('${chunk}');${code}`)
  }
  writeFileSync(join(outdir, 'run.mjs'), RUN)
  const stages: { readonly name: string; readonly chunks: readonly string[] }[] = JSON.parse(
    execFileSync(process.execPath, ['run.mjs'], { cwd: outdir, encoding: 'utf8' }),
  )
  return stages.map(stage => {
    const sum = (of: 'minified' | 'zipped') => stage.chunks.reduce((total, it) => total + (sizes.get(it)?.[of] ?? 0), 0)
    return { name: stage.name, chunks: stage.chunks.length, minified: sum('minified'), zipped: sum('zipped') }
  })
}

/** Code runs only after everything that it imports statically, so the first stage has loaded all of that. */
const RUN = `
globalThis.loaded = new Set()
const stages = []
globalThis.stage = name => stages.push({ name, chunks: [...globalThis.loaded] })
await import('./stdin.js')
process.stdout.write(JSON.stringify(stages))
`
