import { expect, it } from 'vitest'
import { memory } from '../../embedded/index.js'
import { newAssetId } from '../../store/asset-store.js'
import { connect, f, model } from '../index.js'

const anything = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const
const Page = model('Page', {
  fields: { id: f.string(), body: f.json().optional(), other: f.schema(anything).optional() },
  key: 'id',
})
const asset = { id: newAssetId(1_800_000_000_000), type: 'image/png', size: 3, sha256: 'a'.repeat(64) }

it('an asset in a document without a declared shape is refused at its path, and its id is not', async () => {
  const db = await connect({ models: { Page }, store: memory() })
  const issues = (write: Promise<unknown>) =>
    write.then(
      () => [],
      error => error.details.issues,
    )
  const message = expect.stringContaining('is an asset; store it in a field of kind asset')
  const body = { blocks: [{ text: 'a' }, { image: { ...asset, name: 'a.png' } }], first: asset } as never
  const create = db.Page.create({ id: 'p', body, other: [asset] })
  expect(await issues(create)).toEqual([
    { path: ['body', 'blocks', 1, 'image'], message },
    { path: ['body', 'first'], message },
    { path: ['other', 0], message },
  ])
  await db.Page.create({ id: 'p', body: { blocks: [{ image: asset.id }], like: { ...asset, id: 'p' } } })
  const update = db.Page.update({ id: 'p' }, { 'body.cover': asset } as never)
  expect(await issues(update)).toEqual([{ path: ['body', 'cover'], message }])
  expect(await db.Page.get({ id: 'p' })).toMatchObject({ body: { blocks: [{ image: asset.id }] } })
  await db.close()
})
