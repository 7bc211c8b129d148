// Bundles the compiled modules into `dist`, the folder that is published: one file for each entry, and the chunks that
// entries share. Modules that are loaded on demand stay files of their own. `tsc -b` has put the type declarations there.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Where `tsc -b` writes JavaScript. */
const COMPILED = '.build'

const ENTRIES = [
  'index',
  'table/index',
  'items/index',
  'store/index',
  'embedded/index',
  'embedded/unsupported',
  'dynamodb/index',
  'mongodb/index',
  'wire/index',
  'testing/index',
  'assets/index',
  'assets-s3/index',
  'active-record/index',
  'mongoose/index',
]

const absWorkingDir = fileURLToPath(new URL('.', import.meta.url))
removeBundles(fileURLToPath(new URL('dist', import.meta.url)))
await build({
  absWorkingDir,
  entryPoints: ENTRIES.map(entry => `${COMPILED}/${entry}.js`),
  outbase: COMPILED,
  outdir: 'dist',
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

/** Removes what an earlier run wrote; chunks are named by their content. */
function removeBundles(folder) {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.js(\.map)?$/.test(entry)) rmSync(join(folder, entry))
  }
}
