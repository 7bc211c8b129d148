// All that needs no run of the code: lint, types, unused or unlisted dependencies, and the packages as users install
// them: the packed files, publint, and the types for ESM. At once, because most of it uses one core and waits.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const packages = ['packages/partita', 'packages/cli']
let failed = 0

function report(title, problems) {
  console.log(`${problems === '' ? 'ok  ' : 'FAIL'} ${title}`)
  if (problems === '') return
  failed++
  console.log(problems)
}

async function run(title, command, args) {
  const problems = await execute('npx', ['--no-install', command, ...args]).then(
    () => '',
    ({ stdout, stderr, message }) => stdout + stderr || message,
  )
  report(title, problems)
}

/** Problems of the tarball of a package: missing files and fields that users and the registry expect. */
async function problemsOfTarball(folder) {
  const { stdout } = await execute('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], { cwd: folder })
  const files = JSON.parse(stdout)[0].files.map(({ path }) => path)
  const problems = []
  for (const name of ['README.md', 'LICENSE']) if (!files.includes(name)) problems.push(`${name} is not in it`)
  if (readFileSync(join(folder, 'LICENSE'), 'utf8') !== readFileSync('LICENSE', 'utf8'))
    problems.push("LICENSE is not the repository's")
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const name of ['description', 'license', 'repository', 'keywords'])
    if (!manifest[name]?.length && !manifest[name]?.url) problems.push(`package.json has no ${name}`)
  if (manifest.repository?.directory !== folder) problems.push('repository.directory is another folder')
  for (const file of files.filter(path => /^(lib|dist)\/.*\.js$/.test(path)))
    problems.push(...problemsOfMap(folder, file, files))
  for (const file of files) if (/\.test\.|\.tsbuildinfo$|^src\//.test(file)) problems.push(`${file} is not for users`)
  return problems.join('\n')
}

/** Imports, exports and comments alone. */
const REEXPORTS = /^(?:\s|\/\/.*|(?:import|export)\b[^;]*;)*$/

/** A debugger shows the TypeScript of a file only if its source map contains it, because the sources are not packed. */
function problemsOfMap(folder, file, files) {
  const map = `${file}.map`
  if (!files.includes(map)) return [`${file} has no source map`]
  if (!readFileSync(join(folder, file), 'utf8').includes(`//# sourceMappingURL=${map.split('/').pop()}`))
    return [`${file} does not name its source map`]
  const { sources, sourcesContent = [] } = JSON.parse(readFileSync(join(folder, map), 'utf8'))
  // A file that only re-exports has no sources; in a bundle it is one itself. Bundled packages are JavaScript, and so is what
  // the bundle writes itself.
  return sources.flatMap((source, i) =>
    sourcesContent[i] && (/\.ts$|\/node_modules\/|^on-first-use:/.test(source) || REEXPORTS.test(sourcesContent[i]))
      ? []
      : [`${map} does not hold ${source}${existsSync(join(folder, source)) ? '' : ', which does not exist'}`],
  )
}

await Promise.all([
  run('types', 'tsc', ['-b']),
  run('lint', 'biome', ['check', '--error-on-warnings', '.']),
  run('knip', 'knip', []),
  run('attw packages/partita', 'attw', ['--pack', 'packages/partita', '--profile', 'esm-only']),
  ...packages.flatMap(folder => [
    problemsOfTarball(folder).then(problems => report(`tarball of ${folder}`, problems)),
    run(`publint ${folder}`, 'publint', ['run', folder, '--strict']),
  ]),
])

process.exitCode = failed > 0 ? 1 : 0
