/** What every asset store does: in memory, in a folder, and on S3. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { PartitaError } from 'partita'
import { type AssetStore, folderAssets, memoryAssets, newAssetId } from 'partita/assets'
import { s3Assets } from 'partita/assets-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { S3Server } from '../servers/s3.js'

const folder = mkdtempSync(join(tmpdir(), 'partita-assets-'))
const server = new S3Server()
let client: S3Client
let folders = 0
beforeAll(async () => {
  const endpoint = await server.listen()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  client = new S3Client({ endpoint, region: 'local', forcePathStyle: true, credentials, maxAttempts: 1 })
})
afterAll(async () => {
  client.destroy()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const STORES = {
  memory: () => memoryAssets(),
  folder: () => folderAssets({ path: join(folder, 'deep', String(++folders)) }),
  s3: () => {
    server.objects.clear()
    server.uploads.clear()
    return s3Assets({ client, bucket: 'bucket', prefix: 'app/' })
  },
}
const TIME = Date.UTC(2026, 0, 1)

async function* chunked(bytes: Uint8Array, size = 60_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

async function listed(store: AssetStore): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of store.list()) ids.push(id)
  return ids.sort()
}

const unreadable = (reason: string) =>
  expect.objectContaining({ code: 'AssetUnreadable', details: expect.objectContaining({ reason }) })

describe.each(Object.keys(STORES) as (keyof typeof STORES)[])('An asset store (%s)', kind => {
  let store: AssetStore
  beforeEach(() => {
    store = STORES[kind]()
  })

  it.each([0, 1, 60_000, 8 * 1024 * 1024, 8 * 1024 * 1024 + 1, 21_000_000])(
    'an asset store returns the %i bytes that it was given',
    async size => {
      const bytes = randomBytes(size)
      const asset = await store.put(chunked(bytes), TIME)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      expect(asset).toEqual({ id: expect.any(String), size, sha256 })
      expect(await store.find(asset.id)).toEqual({ id: asset.id, size })
      expect((await all(store.get(asset))).equals(bytes)).toBe(true)
    },
  )

  it('an asset store gives equal bytes a new id for each upload, and deletes only the one that is named', async () => {
    const bytes = randomBytes(10)
    const [first, second] = [await store.put(chunked(bytes), TIME), await store.put(chunked(bytes), TIME)]
    expect(first.id).not.toBe(second.id)
    await store.delete(first.id)
    await store.delete(first.id)
    expect(await store.find(first.id)).toBeUndefined()
    expect(await listed(store)).toEqual([second.id])
    expect((await all(store.get(second))).equals(bytes)).toBe(true)
    await expect(all(store.get(first))).rejects.toEqual(unreadable('missing'))
  })

  it('copies the bytes that it is given, since a source may reuse its buffer', async () => {
    const buffer = new Uint8Array(3)
    const reusing = async function* () {
      for (const byte of [1, 2, 3]) yield buffer.fill(byte)
    }
    const asset = await store.put(reusing(), TIME)
    expect([...(await all(store.get(asset)))]).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3])
  })

  it.each([100, 20_000_000])(
    'stores nothing if the source throws after %i bytes, and passes the error on',
    async size => {
      const failing = async function* () {
        yield* chunked(randomBytes(size))
        throw new Error('of the source')
      }
      await expect(store.put(failing(), TIME)).rejects.toThrow('of the source')
      expect(await listed(store)).toEqual([])
      expect(await store.discardUnfinished(Number.MAX_SAFE_INTEGER)).toBe(0)
      expect(server.uploads.size).toBe(0)
    },
  )

  it('lists every asset, over several pages', async () => {
    const assets = await Promise.all(Array.from({ length: 7 }, (_, i) => store.put(chunked(randomBytes(i + 1)), TIME)))
    expect(await listed(store)).toEqual(assets.map(({ id }) => id).sort())
    expect(await listed(STORES.memory())).toEqual([])
  })

  it('a read fails if the bytes are not those of the hash, at the end or at the first byte too many', async () => {
    const asset = await store.put(chunked(randomBytes(100_000)), TIME)
    for (const wrong of [{ sha256: 'a'.repeat(64) }, { size: 99_999 }, { size: 100_001 }])
      await expect(all(store.get({ ...asset, ...wrong }))).rejects.toEqual(unreadable('damaged'))
  })

  it.each(['', '../../etc/passwd', 'constructor', `${newAssetId(TIME)}/..`, `../${newAssetId(TIME)}`, 'x\0'])(
    'an asset store refuses %j as an id',
    async id => {
      const asset = { id, size: 1, sha256: 'a'.repeat(64) }
      for (const call of [() => all(store.get(asset)), () => store.find(id), () => store.delete(id)])
        await expect((async () => call())()).rejects.toMatchObject({ code: 'ValidationFailed' })
    },
  )

  it('an asset store treats an id that it did not give as that of a missing asset', async () => {
    const id = newAssetId(TIME)
    expect(await store.find(id)).toBeUndefined()
    await store.delete(id)
    await expect(all(store.get({ id, size: 1, sha256: 'a'.repeat(64) }))).rejects.toEqual(unreadable('missing'))
  })
})

describe('A folder of assets', () => {
  it('a folder does not list unfinished files and files of others as assets, and discards only old unfinished ones', async () => {
    const path = join(folder, 'remains')
    const store = folderAssets({ path })
    const asset = await store.put(chunked(randomBytes(10)), TIME)
    const [old, young] = [newAssetId(TIME), newAssetId(TIME + 1000)]
    for (const name of [old, young, 'notes.txt']) writeFileSync(join(path, 'unfinished', name), 'x')
    writeFileSync(join(path, 'README'), 'x')
    writeFileSync(join(path, asset.id.slice(0, 2), 'other.txt'), 'x')
    expect(await listed(store)).toEqual([asset.id])
    expect(await store.discardUnfinished(TIME + 1000)).toBe(1)
    expect(readdirSync(join(path, 'unfinished')).sort()).toEqual([young, 'notes.txt'].sort())
  })

  it('reports a file that was cut off or deleted', async () => {
    const path = join(folder, 'damage')
    const store = folderAssets({ path })
    const asset = await store.put(chunked(randomBytes(10)), TIME)
    const file = join(path, asset.id.slice(0, 2), asset.id)
    truncateSync(file, 9)
    await expect(all(store.get(asset))).rejects.toEqual(unreadable('damaged'))
    rmSync(file)
    await expect(all(store.get(asset))).rejects.toEqual(unreadable('missing'))
  })

  it('a folder store is empty before its first upload, and creates no folder until then', async () => {
    const path = join(folder, 'none')
    const store = folderAssets({ path })
    expect(await listed(store)).toEqual([])
    expect(await store.discardUnfinished(TIME)).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  it('reports a disk that fails in terms of the library', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'x')
    const store = folderAssets({ path })
    const error = await store.put(chunked(randomBytes(10)), TIME).catch(error => error)
    expect(PartitaError.is(error, 'Unavailable')).toBe(true)
    expect(() => folderAssets({ path: '' })).toThrow('path')
  })
})

describe('Assets on S3', () => {
  beforeEach(() => {
    server.failing = undefined
  })

  it('aborts the parts of old uploads that did not end', async () => {
    const store = STORES.s3()
    for (const time of [TIME, TIME + 1, TIME + 1000, TIME + 2])
      server.uploads.set(String(time), { key: `app/${newAssetId(time)}`, parts: new Map() })
    server.uploads.set('other', { key: `other/${newAssetId(TIME)}`, parts: new Map() })
    expect(await store.discardUnfinished(TIME + 1000)).toBe(3)
    expect([...server.uploads.keys()]).toEqual([String(TIME + 1000), 'other'])
  })

  it.each(['PUT object', 'POST uploads', 'PUT uploadId', 'POST uploadId'])(
    'reports a failed %s and leaves no parts',
    async kind => {
      const store = STORES.s3()
      server.failing = kind
      const error = await store
        .put(chunked(randomBytes(kind === 'PUT object' ? 10 : 9_000_000)), TIME)
        .catch(error => error)
      expect(error).toMatchObject({ code: 'Unavailable', message: expect.stringContaining('NotImplemented') })
      expect([server.objects.size, server.uploads.size]).toEqual([0, 0])
    },
  )

  it('a missing bucket is not reported as a missing asset', async () => {
    const store = s3Assets({ client, bucket: 'other' })
    const asset = { id: newAssetId(TIME), size: 1, sha256: 'a'.repeat(64) }
    await expect(all(store.get(asset))).rejects.toMatchObject({ code: 'Unavailable' })
  })
})
