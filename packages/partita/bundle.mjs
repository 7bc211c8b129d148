// Joins the compiled modules into one file an entry and the parts that entries share: a program that imports Partita
// reads a handful of files, where the sources are a hundred. What is loaded on demand stays a file of its own.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ENTRIES = [
  'index',
  'table/index',
  'items/index',
  'embedded/index',
  'embedded/absent',
  'dynamodb/index',
  'wire/index',
]

const absWorkingDir = fileURLToPath(new URL('.', import.meta.url))
rmSync(new URL('lib', import.meta.url), { recursive: true, force: true })
await build({
  absWorkingDir,
  entryPoints: ENTRIES.map(entry => `dist/${entry}.js`),
  outbase: 'dist',
  outdir: 'lib',
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
  // What it depends on, and its own entries by their names: those the program resolves, under its own conditions.
  packages: 'external',
  external: ['node:*'],
  // Down to the TypeScript, which the maps of the compiled modules hold.
  sourcemap: 'linked',
  logLevel: 'warning',
})
