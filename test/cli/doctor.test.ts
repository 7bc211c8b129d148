/** `partita doctor`: each finding with its remedy, and nothing changed. */
import { chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { connect, f, model } from 'partita'
import { memory } from 'partita/embedded'
import { createServer } from 'partita/wire'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { call } from './in-process.js'
import { MODELS, project } from './project.js'

interface Finding {
  readonly check: string
  readonly status: string
  readonly message: string
  readonly remedy?: string
}

const CONFIG = JSON.stringify({ store: 'embedded:./data', table: 'app', models: './models.ts' })

beforeEach(() => {
  for (const name of ['PARTITA_STORE', 'PARTITA_TABLE', 'PARTITA_CONFIG', 'PARTITA_MODELS']) vi.stubEnv(name, '')
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_REGION']) {
    vi.stubEnv(name, undefined)
  }
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  onTestFinished(() => void vi.unstubAllEnvs())
})

async function doctor(...args: string[]): Promise<{ code: number | null; findings: readonly Finding[] }> {
  const { code, stdout } = await call('doctor', '--json', ...args)
  const { data, error } = JSON.parse(stdout)
  return { code, findings: data?.findings ?? error.details.findings }
}

function of(findings: readonly Finding[], check: string): Finding[] {
  return findings.filter(finding => finding.check === check)
}

it('a healthy project has only findings that are ok, one on each line', async () => {
  project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
  await call('table', 'create')
  const { code, stdout, stderr } = await call('doctor')
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'using embedded:./data, table app\n' })
  const lines = stdout.trimEnd().split('\n')
  expect(
    lines.every(line => /^ok {7}[a-z]+( [a-z]+)*: \S/.test(line)),
    stdout,
  ).toBe(true)
  const checks = lines.map(line => /^ok +([^:]+)/.exec(line)?.[1])
  const always = ['node', 'partita', 'configuration', 'models', 'store', 'permissions', 'disk', 'table', 'rows']
  expect(checks.filter(check => check !== 'locks')).toEqual(always)
})

it('a table and rows that lag behind the models are findings with the command that helps, which then finds nothing', async () => {
  const at = project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
  const before = await doctor()
  expect(before.code).toBe(0)
  expect(of(before.findings, 'store')[0]).toMatchObject({
    status: 'warning',
    remedy: expect.stringMatching(/partita table create/),
  })
  const User = model('User', { fields: { userId: f.string(), email: f.string() }, key: { pk: 'u#{userId}' } })
  const older = await connect({ models: { User }, store: `embedded:${at('data')}`, table: 'app' })
  await older.User.create({ userId: 'u1', email: 'a' })
  await older.close()

  const missing = await doctor()
  expect(missing.code).toBe(1)
  expect(of(missing.findings, 'table').map(({ status, remedy }) => [status, remedy])).toEqual([
    ['problem', 'run "partita table create", which adds it'],
    ['problem', 'run "partita table create", which adds it'],
  ])
  await call('table', 'create')
  const data = readFileSync(at('data/data.mdb'))
  const incomplete = await doctor()
  expect(incomplete.code).toBe(0)
  expect(of(incomplete.findings, 'rows')).toEqual([
    {
      check: 'rows',
      status: 'warning',
      message: 'older rows of User may lack the unique email',
      remedy: 'run "partita reindex User"',
    },
  ])
  expect(readFileSync(at('data/data.mdb')).equals(data)).toBe(true)
  expect((await call('reindex', 'User')).code).toBe(0)
  expect(of((await doctor()).findings, 'rows')).toMatchObject([{ status: 'ok' }])
})

it('a store that others can enter, or that is damaged, is a finding with its remedy', async () => {
  const at = project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
  await call('table', 'create')
  chmodSync(at('data'), 0o755)
  const open = await doctor()
  expect(of(open.findings, 'permissions')).toMatchObject([
    { status: 'warning', remedy: expect.stringMatching(/^chmod 700 \S*data/) },
  ])
  truncateSync(at('data/data.mdb'), 100)
  const damaged = await doctor()
  expect(damaged.code).toBe(1)
  expect(of(damaged.findings, 'store')).toMatchObject([
    { status: 'problem', remedy: expect.stringMatching(/partita restore/) },
  ])
})

it('models that are wrong are a problem, and the store is examined all the same', async () => {
  const at = project({ 'partita.config.json': CONFIG, 'models.ts': MODELS })
  await call('table', 'create')
  writeFileSync(at('models.mjs'), MODELS.replace("one('User'", "one('Usr'"))
  const { code, findings } = await doctor('--models', 'models.mjs')
  expect(code).toBe(1)
  expect(of(findings, 'models')).toMatchObject([
    { status: 'problem', message: expect.stringMatching(/Usr/), remedy: expect.stringMatching(/partita check/) },
  ])
  expect(of(findings, 'store')).toMatchObject([{ status: 'ok' }])
})

it('a store on AWS without credentials or a region is a problem, and a secret is never printed', async () => {
  project({})
  vi.stubEnv('HOME', '/nonexistent')
  const none = await doctor('--store', 'dynamodb:')
  expect(none.code).toBe(1)
  expect(of(none.findings, 'region')).toMatchObject([
    { status: 'problem', remedy: expect.stringMatching(/--region, AWS_REGION/) },
  ])
  expect(of(none.findings, 'credentials')).toMatchObject([
    { status: 'problem', remedy: expect.stringMatching(/AWS_PROFILE or --profile/) },
  ])
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'very-secret')
  const { stdout, stderr } = await call('doctor', '--store', 'dynamodb://localhost:1?region=local&deadline=1000')
  expect(stdout).toContain('ok       region: the region is local, at http://localhost:1/\n')
  expect(stdout).toContain('ok       credentials: the access key ends in MPLE\n')
  expect(stdout + stderr).not.toMatch(/very-secret|AKIA/)
  expect(stdout).toMatch(/problem {2}store: dynamodb:\/\/localhost:1\S* cannot be used: .*\n {9}remedy: check the URL/)
})

it('a server that answers is examined like a local store', async () => {
  project({ 'models.ts': MODELS })
  const store = memory()
  const server = createServer(store, { port: 0 })
  onTestFinished(async () => {
    await server.close()
    await store.close()
  })
  const url = `dynamodb://${new URL(await server.listen()).host.replace('127.0.0.1', 'localhost')}?region=local`
  const on = ['--store', url, '--table', 'app', '--models', 'models.ts']
  expect(of((await doctor(...on)).findings, 'table')).toMatchObject([
    { status: 'warning', message: expect.stringMatching(/no table app/) },
  ])
  await call('table', 'create', ...on)
  const { code, findings } = await doctor(...on)
  expect({ code, statuses: new Set(findings.map(({ status }) => status)) }).toEqual({
    code: 0,
    statuses: new Set(['ok']),
  })
  const lines = (await call('doctor', '--jsonl', ...on)).stdout.trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual(findings)
})
