/** Tests the Dockerfile without a Docker daemon: a linter reads it, and its commands run on this machine. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { validate } from 'dockerfile-utils'
import { expect, it, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
/** The instructions without comments; continuation lines are joined. */
const instructions = dockerfile
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter(line => line !== '')
const argumentsOf = (name: string) =>
  instructions.flatMap(line => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []))

/** The entry point of the image, with its paths replaced by paths of this machine. */
function command(folder: string): { args: string[]; env: NodeJS.ProcessEnv } {
  const [program, ...args] = JSON.parse(argumentsOf('ENTRYPOINT')[0] as string) as string[]
  expect(program).toBe('node')
  const variables = argumentsOf('ENV').map(it => it.split('=') as [string, string])
  const { PARTITA_KEYS: _, ...env } = { ...process.env, ...Object.fromEntries(variables) }
  return {
    args: args.map(arg => arg.replace('/app/', root)),
    env: { ...env, PARTITA_STORE: env.PARTITA_STORE?.replace('/data', join(folder, 'data')) },
  }
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'partita-docker-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

it('the Dockerfile is valid, and the linter detects an invalid one', () => {
  expect(validate(dockerfile)).toEqual([])
  expect(validate(dockerfile.replace('EXPOSE 8000', 'EXPOSE port'))).toHaveLength(1)
})

it('the image pins its base image, contains no secret and runs no program as root', () => {
  expect(argumentsOf('FROM')).toEqual(['node:24-bookworm-slim AS build', 'node:24-bookworm-slim'])
  const last = instructions.slice(instructions.findLastIndex(line => line.startsWith('FROM ')))
  expect(last.filter(line => line.startsWith('USER '))).toEqual(['USER node'])
  // Every RUN instruction that needs root precedes USER.
  expect(last.findIndex(line => line.startsWith('USER '))).toBeGreaterThan(
    last.findLastIndex(line => line.startsWith('RUN ')),
  )
  expect(instructions.filter(line => /^(ENV|ARG|LABEL) .*(key|secret|token|password)/i.test(line))).toEqual([])
})

it('every path that the Dockerfile copies or runs exists', () => {
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  expect(ignored.filter(line => line !== '' && !line.startsWith('#'))[0]).toBe('*')
  // npm refuses the lock file if the package.json of a workspace is missing.
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] }
  const expected = workspaces.map(path => (path === 'packages/*' ? '!packages' : `!${path}/package.json`))
  expect(expected.filter(line => !ignored.includes(line))).toEqual([])
  for (const line of ignored) {
    const path = /^!([\w./-]+)$/.exec(line)?.[1]
    if (path) expect(existsSync(join(root, path)), path).toBe(true)
  }
  const [build = ''] = argumentsOf('RUN')
  for (const path of build.match(/packages\/[\w./-]+(?=\s)/g) ?? [])
    expect(existsSync(join(root, path)), path).toBe(true)
})

it('the image refuses to start without keys, because other machines can reach it', () => {
  const folder = temporary()
  const { args, env } = command(folder)
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringMatching(/other machines.*give keys by --key-file or PARTITA_KEYS/),
  })
  expect(existsSync(join(folder, 'data'))).toBe(false)
})

it('the image serves with keys from a file, passes its health check and stops on SIGTERM', async () => {
  const folder = temporary()
  const { args, env } = command(folder)
  writeFileSync(join(folder, 'keys'), 'AKID:secret\n', { mode: 0o600 })
  const child = spawn(process.execPath, [...args, '--key-file', 'keys', '--port', '0'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  const [, healthCheck = ''] = /CMD (\[.*\])$/.exec(argumentsOf('HEALTHCHECK')[0] as string) ?? []
  const [, ...check] = JSON.parse(healthCheck) as string[]
  const at = (port: string) => check.map(arg => arg.replace(':8000', `:${port}`))
  const isHealthy = (port: string) => spawnSync(process.execPath, at(port)).status === 0
  expect([isHealthy(new URL(String(line).trim()).port), isHealthy('1')]).toEqual([true, false])
  expect(existsSync(join(folder, 'data', 'partita.json'))).toBe(true)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})
