// Bundles `partita serve` into `dist/serve.js`, with the library and all else that it loads: one file, since finding,
// reading and linking fifty took half of the time to its first answer. Every other command has the library from outside,
// because it shares its classes with the models of the user; a server reads no models. `tsc -b` has compiled the modules.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const absWorkingDir = fileURLToPath(new URL('.', import.meta.url))
/** What a dynamic import may load from within the bundle. The other commands and packages stay outside. */
const INSIDE = /(^|\/)(serve\/command|seed\/seed|rows|exact-json)\.js$/
/** Modules of Node that a server needs for its first request or later, and an empty server of `node:http` not at all. */
const ON_FIRST_USE = /^node:(child_process|crypto|fs\/promises|os|perf_hooks|timers\/promises|v8|worker_threads|zlib)$/

const bounds = {
  name: 'bounds',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' && !INSIDE.test(path) ? { path, external: true } : undefined,
    )
    // Each use reads a property, whose getter loads the module: the server listens before that.
    onResolve({ filter: ON_FIRST_USE }, ({ path }) => ({ path, namespace: 'on-first-use' }))
    onLoad({ filter: /./, namespace: 'on-first-use' }, ({ path }) => ({
      contents: `let loaded
const load = () => (loaded ??= process.getBuiltinModule('${path}'))
for (const name of ${JSON.stringify(Object.keys(process.getBuiltinModule(path)))}) {
  Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] })
}`,
    }))
    // The library searches for lmdb from its own files: the command need not have it among its dependencies.
    onLoad({ filter: /partita\/dist\/.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', "import.meta.resolve('partita/embedded')"),
      resolveDir: dirname(path),
    }))
  },
}

const { metafile } = await build({
  absWorkingDir,
  entryPoints: ['dist/main.js'],
  outfile: 'dist/serve.js',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'es2023',
  plugins: [bounds],
  // Names stay, for stack traces. commander loads modules of Node by `require`.
  minifyWhitespace: true,
  minifySyntax: true,
  banner: { js: "import { createRequire as $require } from 'node:module';const require = $require(import.meta.url);" },
  metafile: true,
  sourcemap: 'linked',
  logLevel: 'error',
})
for (const { path } of metafile.outputs['dist/serve.js'].imports) {
  // What stays outside is imported from `dist` now.
  if (path.startsWith('.') && !existsSync(join(absWorkingDir, 'dist', path))) {
    throw new Error(`${path} is not in dist: its importer is elsewhere, so add it to INSIDE`)
  }
}
writeFileSync(join(absWorkingDir, 'dist/serve.licenses.txt'), licensesOf(Object.keys(metafile.inputs)))

/** The licenses of the bundled packages, which ask to be kept with copies. */
function licensesOf(files) {
  const folders = new Set(files.map(file => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean))
  return [...folders]
    .map(folder => ({ folder, file: join(absWorkingDir, folder, 'LICENSE') }))
    .map(({ folder, file }) => {
      if (!existsSync(file)) throw new Error(`${folder} has no file LICENSE to keep with the bundle`)
      return `${folder.replace(/^.*node_modules\//, '')}\n\n${readFileSync(file, 'utf8')}`
    })
    .join('\n')
}
