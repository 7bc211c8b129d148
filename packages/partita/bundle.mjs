// Bundles the compiled modules into `dist`, the folder that is published: one file for each entry, and the chunks that
// entries share. Modules that are loaded on demand stay files of their own. `tsc -b` has put the type declarations there.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

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
  'dynamodb/sdk/index',
  'wire/index',
  'testing/index',
  'assets/index',
  'assets-s3/index',
  'active-record/index',
  'mongoose/index',
]

/**
 * The chunks that a program on any engine loads, and those that several parts share: the modules whose path matches, with
 * all that they import and no earlier chunk has. Without them there would be a chunk for each set of entries that share a
 * module: a model on DynamoDB loaded 33 files before its first call, and a third of the time went into finding, reading and
 * linking them.
 */
const CHUNKS = {
  base: /^(errors|value)\/|^(store\/asset-store|keys\/encode)\.js/,
  definitions:
    /^model\/(define\/(collection|field-builder|inherit|model|relation)|write\/update-operators|connect\/connect-on-demand)\.js/,
  calls: /^store\/(options|timers|abort|retry|capacity|in-flight|engines)\.js/,
  store: /^(store\/(definition|definition-diff|batch|limits)\.js|expression\/(evaluate|print|validate))/,
  requests: /^(store\/(provision|position|paginate)|expression\/(ast|filter\/compile)|keys\/expiry)\.js/,
  connection:
    /^model\/(connect\/connect|write\/validate-input|read\/(concurrently|range-test)|rules\/own-attributes)\.js/,
  history: /^model\/rules\/audit\.js/,
  transactions: /^model\/transaction\/transact\.js/,
  counts: /^model\/evolve\/wrong-counts\.js/,
  relations: /^model\/(compile\/relations\.js|read\/relations\/)/,
  crql: /^crql\//,
  lookups: /^model\/rules\/crql\//,
  rules: /^model\/rules\/compile\.js/,
}

const root = fileURLToPath(new URL('.', import.meta.url))
removeBundles(join(root, 'dist'))
const { output } = await build({
  root,
  configFile: false,
  logLevel: 'warn',
  plugins: [{ name: 'compiled-modules', load: { filter: { id: /\/\.build\/.*\.js$/ }, handler: loadWithMap } }],
  build: {
    ssr: true,
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: false,
    sourcemap: true,
    rolldownOptions: {
      input: Object.fromEntries(ENTRIES.map(entry => [entry, join(root, COMPILED, `${entry}.js`)])),
      platform: 'neutral',
      // What it depends on, and its own entries by their names: those the program resolves, under its own conditions.
      external: id => !id.startsWith('.') && !isAbsolute(id),
      output: {
        chunkFileNames: 'parts/[name]-[hash].js',
        comments: { jsdoc: false },
        codeSplitting: {
          groups: Object.entries(CHUNKS).map(([name, pattern], i, { length }) => ({
            name,
            test: path => pattern.test(relative(join(root, COMPILED), path)),
            priority: length - i,
          })),
        },
      },
    },
  },
})
checkImports(output)
addEmptyMaps(output)

/** A compiled module with its map, so that the maps of the bundles lead down to the TypeScript. */
function loadWithMap(path) {
  return { code: readFileSync(path, 'utf8'), map: JSON.parse(readFileSync(`${path}.map`, 'utf8')) }
}

/** A part that imports an entry loads all of it. The bundler does that for a module that one entry and parts share. */
function checkImports(files) {
  for (const { fileName, imports = [] } of files) {
    const entry = imports.find(it => ENTRIES.includes(it.replace(/\.js$/, '')))
    if (fileName.startsWith('parts/') && entry) {
      throw new Error(`${fileName} imports ${entry}: put what they share into a chunk`)
    }
  }
}

/** The bundler writes no map for a file that only exports what others contain, and tools report a file without one. */
function addEmptyMaps(files) {
  for (const { type, fileName, map, code } of files) {
    if (type !== 'chunk' || map) continue
    const path = join(root, 'dist', fileName)
    const empty = { version: 3, file: basename(fileName), sources: [], names: [], mappings: '' }
    writeFileSync(`${path}.map`, JSON.stringify(empty))
    writeFileSync(path, `${code}//# sourceMappingURL=${empty.file}.map\n`)
  }
}

/** Removes what an earlier run wrote; chunks are named by their content. */
function removeBundles(folder) {
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.js(\.map)?$/.test(entry)) rmSync(join(folder, entry))
  }
}
