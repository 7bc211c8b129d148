// Checks the packages as their users will get them: what they are packed with, publint, types for ESM, and nothing unused
// or unlisted.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const packages = ['packages/partita', 'packages/cli']
let failed = 0

function report(title, faults) {
  console.log(`${faults === '' ? 'ok  ' : 'FAIL'} ${title}`)
  if (faults === '') return
  failed++
  console.log(faults)
}

function run(title, command, args) {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', command, ...args], { encoding: 'utf8' })
  report(title, status === 0 ? '' : stdout + stderr || `${command} failed`)
}

/** What is wrong with the tarball of a package: files and fields that its users and its registry look for. */
function faultsOfTarball(folder) {
  const { stdout } = spawnSync('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const files = JSON.parse(stdout)[0].files.map(({ path }) => path)
  const faults = []
  for (const name of ['README.md', 'LICENSE']) if (!files.includes(name)) faults.push(`${name} is not in it`)
  if (readFileSync(join(folder, 'LICENSE'), 'utf8') !== readFileSync('LICENSE', 'utf8'))
    faults.push("LICENSE is not the repository's")
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const name of ['description', 'license', 'repository', 'keywords'])
    if (!manifest[name]?.length && !manifest[name]?.url) faults.push(`package.json has no ${name}`)
  if (manifest.repository?.directory !== folder) faults.push('repository.directory is another folder')
  for (const file of files.filter(path => /^(lib|dist)\/.*\.js$/.test(path)))
    faults.push(...faultsOfMap(folder, file, files))
  for (const file of files)
    if (/\.test\.|\.tsbuildinfo$|^src\//.test(file)) faults.push(`${file} is of no use to its users`)
  return faults.join('\n')
}

/** A debugger shows the TypeScript behind a file only if the map holds it, as the sources are not packed. */
function faultsOfMap(folder, file, files) {
  const map = `${file}.map`
  if (!files.includes(map)) return [`${file} has no source map`]
  if (!readFileSync(join(folder, file), 'utf8').includes(`//# sourceMappingURL=${map.split('/').pop()}`))
    return [`${file} does not name its source map`]
  const { sources, sourcesContent = [] } = JSON.parse(readFileSync(join(folder, map), 'utf8'))
  // A file that only passes on what others hold has no sources of its own.
  return sources.flatMap((source, i) =>
    source.endsWith('.ts') && sourcesContent[i]
      ? []
      : [`${map} does not hold ${source}${existsSync(join(folder, source)) ? '' : ', which is not there'}`],
  )
}

for (const folder of packages) {
  report(`tarball of ${folder}`, faultsOfTarball(folder))
  run(`publint ${folder}`, 'publint', ['run', folder, '--strict'])
}
run('attw packages/partita', 'attw', ['--pack', 'packages/partita', '--profile', 'esm-only'])
run('knip', 'knip', [])

process.exitCode = failed > 0 ? 1 : 0
