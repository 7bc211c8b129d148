import { describe, expect, inject, it } from 'vitest'
import { workplace } from './partita.js'

const LINES = Array.from(
  { length: 60 },
  (_, n) => `{"category":"c","key":"k${n}","n":{"$number":"1234567890123456789${n}"}}\n`,
)

// If dynoxide cannot start, the setup of the run has printed the reason.
const server = inject('servers').find(({ name }) => name === 'dynoxide')

describe.skipIf(!server)('partita items on a DynamoDB server', () => {
  it('the table is created only with --create-table, and an export equals that of the embedded engine', async () => {
    const { pipe, run, json, env } = workplace()
    Object.assign(env, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' })
    const options = [
      '--store',
      `${server?.url.replace(/^http/, 'dynamodb')}?region=local`,
      '--table',
      `cli-${process.pid}`,
    ]
    const refused = await json('items', 'list', 'c', ...options)
    expect(refused.error).toMatchObject({ code: 'TableNotFound', message: expect.stringMatching(/--create-table/) })
    expect((await pipe(LINES.join(''), 'items', 'import', '-', ...options)).code).toBe(1)
    expect((await pipe(LINES.join(''), 'items', 'import', '-', '--create-table', ...options)).code).toBe(0)
    await pipe(LINES.join(''), 'items', 'import', '-')
    const embedded = await run('items', 'export', 'c')
    expect((await run('items', 'export', 'c', ...options)).stdout).toBe(embedded.stdout)
    expect(embedded.stdout.split('\n')).toHaveLength(61)
    expect(await json('items', 'delete', 'c', 'k1', '--prefix', '--yes', ...options)).toMatchObject({
      data: { deleted: 11 },
    })
    expect((await json('items', 'list', 'c', 'k', ...options)).data.items).toHaveLength(49)
  })
})
