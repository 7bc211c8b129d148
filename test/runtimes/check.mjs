// Runs the packed library where Node's own loader does not bring it: in Bun, in Deno, and in Next.js, built by both of its
// bundlers; without the AWS SDK. These are large, so they are installed in a folder of their own, which is removed again.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const library = fileURLToPath(new URL('../../packages/partita', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'partita-runtimes-'))
/** What the program prints of two stores, and of a server. */
const STORES = 'UniqueViolation 1 101\nUniqueViolation 1 101\n'
const SERVER = '200 {"TableNames":[]}\n'
const NO_SERVER = 'StoreUnusable true\n'
let failed = 0

function run(command, args, more = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 600_000,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', DENO_NO_UPDATE_CHECK: '1' },
    ...more,
  })
  return { good: status === 0, said: stdout, complaint: error?.message ?? stderr + stdout }
}

function report(title, fault) {
  console.log(`${fault === undefined ? 'ok  ' : 'FAIL'} ${title}`)
  if (fault === undefined) return
  failed++
  console.log(fault)
}

function install() {
  for (const file of ['package.json', 'package-lock.json', '.npmrc', 'program.mjs', 'next'])
    cpSync(join(here, file), join(folder, file), { recursive: true })
  const { good, complaint } = run('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'])
  if (!good) throw new Error(`npm ci failed:\n${complaint}`)
  const packed = run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: library })
  const target = join(folder, 'node_modules/partita')
  mkdirSync(target, { recursive: true })
  const unpacking = run('tar', ['xzf', packed.said.trim(), '-C', target, '--strip-components=1'])
  if (!unpacking.good) throw new Error(unpacking.complaint)
}

function checkRuntime(name, command, args, right) {
  const version = run(command, ['--version'])
  if (!version.good) return console.log(`skip ${name}: it is not installed here: ${version.complaint.trim()}`)
  const { good, said, complaint } = run(command, [...args, 'program.mjs', `./store-of-${name}`])
  report(`${name} ${version.said.split('\n')[0]}`, good && said === right ? undefined : complaint)
}

async function checkNext(bundler) {
  const next = join(folder, 'node_modules/next/dist/bin/next')
  const cwd = join(folder, 'next')
  const built = run(process.execPath, [next, 'build', `--${bundler}`], { cwd })
  if (!built.good) return report(`Next.js with ${bundler}`, built.complaint)
  const server = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', '0'], { cwd, stdio: 'pipe' })
  try {
    const url = await new Promise((resolve, reject) => {
      let said = ''
      server.stdout.on('data', chunk => {
        said += chunk
        const [found] = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(said) ?? []
        if (found && said.includes('Ready')) resolve(found)
      })
      server.on('exit', () => reject(new Error(said)))
    })
    const page = await (await fetch(url)).text()
    const note = await (await fetch(`${url}/api/notes`)).text()
    const isRight = page.includes('<p>in memory</p>') && note === '{"id":"1","text":"in a folder"}'
    report(`Next.js with ${bundler}`, isRight ? undefined : `${page}\n${note}`)
  } finally {
    server.removeAllListeners('exit')
    server.kill()
  }
}

try {
  install()
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules/next/package.json'), 'utf8'))
  console.log(`Node ${process.version}, Next.js ${version}, in ${folder}`)
  const bin = name => join(folder, 'node_modules/.bin', name)
  checkRuntime('Node', process.execPath, [], STORES + SERVER)
  checkRuntime('Bun', bin('bun'), [], STORES + NO_SERVER)
  checkRuntime('Deno', bin('deno'), ['run', '--allow-all'], STORES + SERVER)
  for (const bundler of ['turbopack', 'webpack']) await checkNext(bundler)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = failed > 0 ? 1 : 0
