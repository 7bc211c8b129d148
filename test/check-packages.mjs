// Checks the packages as their users will get them: publint, types for ESM, and nothing unused or unlisted.
import { spawnSync } from 'node:child_process'

const packages = ['packages/partita', 'packages/kit']
let failed = 0

function run(title, command, args) {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', command, ...args], { encoding: 'utf8' })
  const good = status === 0
  console.log(`${good ? 'ok  ' : 'FAIL'} ${title}`)
  if (good) return
  failed++
  console.log(stdout + stderr)
}

for (const folder of packages) run(`publint ${folder}`, 'publint', ['run', folder, '--strict'])
run('attw packages/partita', 'attw', ['--pack', 'packages/partita', '--profile', 'esm-only'])
run('knip', 'knip', [])

process.exitCode = failed > 0 ? 1 : 0
