import { connect, f, model } from 'partita'
import { type AssetStore, memoryAssets } from 'partita/assets'
import { expect, it } from 'vitest'
import type { AssetSource } from '../types/assets.js'

const User = model('User', {
  fields: {
    id: f.string(),
    avatar: f.asset({ types: { image: { min: 3 }, '*': {} }, max: 10 }).optional(),
    photos: f.list(f.asset()).default([]),
    pages: f.record(f.map({ cover: f.asset().attribute('c') })).optional(),
  },
  key: 'id',
})

const open = (assets?: AssetStore) => connect({ models: { User }, store: 'memory:', ...(assets && { assets }) })
const png = { type: 'image/png' }

it('upload takes bytes, iterables, and web streams with or without an iterator', async () => {
  const db = await open(memoryAssets())
  const bytes = new Uint8Array([1, 2, 3, 4])
  const web = (): ReadableStream<Uint8Array> => new Blob([bytes]).stream()
  const withoutIterator = { getReader: () => web().getReader() }
  const sources: AssetSource[] = [
    bytes,
    [bytes.subarray(0, 2), bytes.subarray(2)],
    web(),
    withoutIterator as AssetSource,
  ]
  for (const source of sources) {
    const asset = await db.assets.upload('User.avatar', source, png)
    const read: number[] = []
    for await (const chunk of db.assets.open(asset)) read.push(...chunk)
    expect(read).toEqual([1, 2, 3, 4])
  }
  await db.close()
})

it('an upload ends at the first byte too many, and tells its source', async () => {
  const assets = memoryAssets()
  const db = await open(assets)
  let [given, ended] = [0, false]
  const endless = async function* () {
    try {
      for (;;) {
        given++
        yield new Uint8Array(4)
      }
    } finally {
      ended = true
    }
  }
  const error = await db.assets.upload('User.avatar', endless(), png).catch(error => error)
  expect(error).toMatchObject({
    code: 'ValidationFailed',
    message: expect.stringContaining('greater than the maximum of 10 bytes'),
  })
  expect([given, ended]).toEqual([3, true])
  let cancelled: unknown
  const stream = new ReadableStream<Uint8Array>({
    pull: controller => controller.enqueue(new Uint8Array(4)),
    cancel: () => {
      cancelled = true
    },
  })
  const reader = { getReader: () => stream.getReader() } as AssetSource
  await expect(db.assets.upload('User.avatar', reader, png)).rejects.toMatchObject({ code: 'ValidationFailed' })
  expect(cancelled).toBe(true)
  for await (const entry of assets.list()) throw new Error(`It stored ${entry.id}`)
  await db.close()
})

it('enforces the minimum at the end, by the type', async () => {
  const db = await open(memoryAssets())
  const two = new Uint8Array(2)
  await expect(db.assets.upload('User.avatar', two, png)).rejects.toThrow('is 2 bytes; the minimum is 3')
  expect(await db.assets.upload('User.avatar', two, { type: 'a/b' })).toMatchObject({ size: 2 })
  await expect(db.assets.upload('User.avatar', [], { type: 'a/b' })).rejects.toThrow('is 0 bytes; the minimum is 1')
  await db.close()
})

it('upload finds fields in lists, records and maps, and refuses any other name', async () => {
  const db = await open(memoryAssets())
  for (const name of ['User.avatar', 'User.photos', 'User.pages.cover'] as const)
    expect(await db.assets.upload(name, new Uint8Array(3), png)).toMatchObject({ size: 3 })
  for (const name of [
    'User.id',
    'User.pages',
    'User.pages.c',
    'User.',
    'User.avatar.x',
    'User.constructor',
    'User.pages.constructor',
  ] as const)
    await expect(db.assets.upload(name, new Uint8Array(3), png), name).rejects.toThrow('is not an asset field')
  for (const name of ['User', 'Nobody.avatar', '', undefined, '__proto__.x'])
    await expect(db.assets.upload(name as 'User.x', new Uint8Array(3), png)).rejects.toThrow('is not an asset field')
  await db.close()
})

it('upload refuses what is not bytes, names with control characters, and unknown options', async () => {
  const db = await open(memoryAssets())
  const upload = (source: unknown, options: unknown = png) =>
    db.assets.upload('User.avatar', source as Uint8Array, options as { type: string })
  for (const source of ['text', ['text'], undefined, 3, {}, null])
    await expect(upload(source)).rejects.toMatchObject({ code: 'ValidationFailed' })
  for (const options of [{}, { type: 'png' }, { ...png, name: 'a\nb' }, { ...png, name: '' }, { ...png, size: 3 }])
    await expect(upload(new Uint8Array(3), options)).rejects.toMatchObject({ code: 'ValidationFailed' })
  await db.close()
})

it('the first use of assets says that connect has no asset store', async () => {
  const db = await open()
  await db.User.create({ id: 'ada' })
  await expect(db.assets.upload('User.avatar', new Uint8Array(3), png)).rejects.toThrow('assets: is missing in connect')
  await expect(db.assets.sweep()).rejects.toThrow('assets: is missing in connect')
  await db.close()
  await expect(open('./folder' as unknown as AssetStore)).rejects.toThrow('is an asset store')
})
