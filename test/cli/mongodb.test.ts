/** The command on a MongoDB store. */
import 'partita/mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'
import { call, callWith, failure, folder } from './in-process.js'

const LINES = Array.from(
  { length: 30 },
  (_, n) => `{"category":"c","key":"k${n}","n":{"$number":"1234567890123456789${n}"}}\n`,
)

let server: MemoryMongo
let store: string
beforeAll(async () => {
  server = await startMemoryMongo()
  store = server.url.replace('/?', '/commands?')
})
afterAll(() => server.close())

describe('partita on MongoDB', () => {
  it('Items that are imported are exported as the embedded engine exports them', async () => {
    const options = ['--store', store]
    const local = ['--store', `embedded:${folder()('data')}`]
    for (const target of [options, local]) {
      expect((await callWith(LINES.join(''), 'items', 'import', '-', ...target)).code).toBe(0)
    }
    const exported = await call('items', 'export', 'c', ...options)
    expect(exported.stdout).toBe((await call('items', 'export', 'c', ...local)).stdout)
    expect(exported.stdout.split('\n')).toHaveLength(31)
  })

  it('A dump of an embedded store is loaded with its tables', async () => {
    const path = folder()
    const local = ['--store', `embedded:${path('data')}`]
    await callWith(LINES.join(''), 'items', 'import', '-', ...local)
    expect((await call('dump', path('dump'), ...local)).code).toBe(0)
    const target = server.url.replace('/?', '/loaded?')
    expect((await call('load', path('dump'), '--store', target)).code).toBe(0)
    const { stdout } = await call('table', 'describe', '--table', 'partita-items', '--store', target, '--json')
    expect(JSON.parse(stdout).data).toMatchObject({ name: 'partita-items', status: 'active', itemCount: 30 })
  })

  it('A mistyped table is reported, and neither created nor shown with the secrets of the URL', async () => {
    const secret = `${store}&appName=s3cret`
    const error = await failure('table', 'describe', '--table', 'mistyped', '--store', secret)
    expect(error).toMatchObject({ code: 'TableNotFound', message: expect.stringContaining('/commands?***') })
    const { stderr } = await call('table', 'describe', '--table', 'mistyped', '--store', secret)
    expect(stderr).not.toContain('s3cret')
  })

  it('The doctor says that a store answers, or why it does not', async () => {
    expect((await call('doctor', '--store', store)).stdout).toMatch(/ok +store: mongodb:\S+ answers/)
    const away = 'mongodb://ada:s3cret@127.0.0.1:1/x?serverSelectionTimeoutMS=100'
    const { code, stdout, stderr } = await call('doctor', '--store', away)
    expect([code, stdout + stderr]).toEqual([1, expect.stringMatching(/problem +store: mongodb:\/\/\*\*\*@127/)])
    expect(stdout + stderr).not.toContain('s3cret')
  })

  it('A single server is refused with what to do', async () => {
    const single = await startMemoryMongo({ replicaSet: false })
    const error = await failure('items', 'list', 'c', '--store', `${single.url}commands`)
    expect(error).toMatchObject({ code: 'StoreUnusable', message: expect.stringContaining('rs.initiate()') })
    await single.close()
  })
})
