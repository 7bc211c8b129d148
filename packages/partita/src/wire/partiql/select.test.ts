import { expect, it } from 'vitest'
import { engineStore } from '../../embedded/engine-store.js'
import { memory } from '../../embedded/index.js'
import { answer } from '../dispatch.js'

it('a page may have more items than a call may have arguments', async () => {
  const store = engineStore(memory())
  await store.createTable({ name: 'tiny', key: { partition: { name: 'i', type: 'S' } } })
  const writes = Array.from({ length: 200_000 }, (_, index) => {
    return { kind: 'put', table: 'tiny', item: { i: index.toString(36) } } as const
  })
  await store.batchWrite({ writes })
  const wire = { store, region: 'us-east-1', now: Date.now }
  const { status, body } = await answer(
    wire,
    'DynamoDB_20120810.ExecuteStatement',
    JSON.stringify({ Statement: 'SELECT * FROM tiny' }),
  )
  expect(status).toBe(200)
  expect(JSON.parse(body).Items.length).toBeGreaterThan(150_000)
  await store.close()
})
