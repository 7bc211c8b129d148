import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ValidationError } from './errors/errors.js'
import { openStore } from './open.js'
import type { Store } from './store/store.js'

const definition = { name: 'things', key: { partition: { name: 'pk', type: 'S' } } } as const

async function roundTrip(store: Store): Promise<void> {
  await store.createTable(definition)
  await store.write({ kind: 'put', table: 'things', item: { pk: 'a' } })
  expect((await store.get({ table: 'things', key: { pk: 'a' } })).item).toEqual({ pk: 'a' })
  await store.close()
}

describe('openStore', () => {
  const folders: string[] = []
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'partita-open-'))
    folders.push(path)
    return path
  }
  afterEach(() => {
    vi.unstubAllEnvs()
    for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true })
  })

  it('memory: opens a store in memory', async () => {
    await roundTrip(await openStore('memory:'))
  })

  it('embedded: opens a store in a folder, which keeps its tables', async () => {
    const url = `embedded:${folder()}`
    await roundTrip(await openStore(url))
    const again = await openStore(url)
    expect(await again.listTables()).toEqual(['things'])
    await again.close()
  })

  it('dynamodb: opens DynamoDB without sending a request', async () => {
    const store = await openStore('dynamodb://localhost:1?region=local')
    expect(store.provisioning).toBe('explicit')
    await store.close()
  })

  it('PARTITA_STORE is the URL if the call gives none', async () => {
    const path = folder()
    vi.stubEnv('PARTITA_STORE', `embedded:${path}`)
    await roundTrip(await openStore())
    const same = await openStore(`embedded:${path}`)
    expect(await same.listTables()).toEqual(['things'])
    await same.close()
  })

  it('an unknown kind of URL is refused', async () => {
    await expect(openStore('postgres://localhost')).rejects.toThrow(ValidationError)
  })
})
