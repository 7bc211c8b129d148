/** Avatars over HTTP: who sees them, and uploads that must not be stored. */
import { type AssetStore, memoryAssets } from 'partita/assets'
import { beforeAll, expect, it } from 'vitest'
import { describeEachEngine } from '../../../test/models/rules/engines.js'
import { makeApp } from './app.js'
import { Client, makeUsers } from './client.js'
import { openWorkspaces, type Workspaces } from './database.js'

describeEachEngine('Avatars of the workspaces', tested => {
  let db: Workspaces
  let assets: AssetStore
  let client: Client
  let users: ReadonlyMap<string, string>
  beforeAll(async () => {
    assets = memoryAssets()
    db = await openWorkspaces({ store: tested.store, table: tested.tableName(), assets })
    users = await makeUsers(db, ['ann', 'ben', 'eve', 'zoe'])
    client = new Client(
      makeApp(db, token => users.get(token)),
      users,
    )
  })

  const picture = (size: number, fill: number) => new Uint8Array(size).fill(fill)
  const put = async (
    token: string,
    body: NonNullable<RequestInit['body']>,
    type = 'image/png',
    more: Record<string, string> = {},
  ) => (await client.raw(token, 'PUT', '/me/avatar', { body, headers: { 'content-type': type, ...more } })).status
  const get = (token: string, path = '/me/avatar') => client.raw(token, 'GET', path, {})
  const stored = async () => {
    const ids: string[] = []
    for await (const { id } of assets.list()) ids.push(id)
    return ids.length
  }

  it('a user has an avatar, changes and removes it', async () => {
    expect((await get('zoe')).status).toBe(404)
    expect(await put('zoe', picture(2000, 1))).toBe(204)
    const response = await get('zoe')
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(picture(2000, 1))
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': '2000',
      'x-content-type-options': 'nosniff',
    })
    expect(await put('zoe', picture(3, 2), 'image/webp')).toBe(204)
    expect((await (await get('zoe')).arrayBuffer()).byteLength).toBe(3)
    expect((await client.send('zoe', 'DELETE', '/me/avatar')).status).toBe(204)
    expect((await get('zoe')).status).toBe(404)
  })

  it('members of a workspace see the avatars of each other, and former members and others see none', async () => {
    const { workspaceId } = await client.atelier()
    await put('ann', picture(10, 7))
    await put('eve', picture(10, 9))
    const of = (name: string) => `/workspaces/${workspaceId}/members/${users.get(name)}/avatar`
    expect((await (await get('ben', of('ann'))).arrayBuffer()).byteLength).toBe(10)
    // Of a user who is no member, by the members of the workspace too.
    for (const token of ['ann', 'ben']) expect((await get(token, of('eve'))).status).toBe(404)
    for (const token of ['eve', 'zoe', 'no-token']) {
      for (const name of ['ann', 'ben', 'eve']) expect((await get(token, of(name))).status).toBe(404)
    }
    await client.send('ann', 'DELETE', `/workspaces/${workspaceId}/members/${users.get('ben')}`)
    expect((await get('ben', of('ann'))).status).toBe(404)
    expect((await get('ann', of('ben'))).status).toBe(404)
  })

  it('nobody stores a byte without being a user', async () => {
    const before = await stored()
    let read = 0
    const body = new ReadableStream({
      pull(controller) {
        read++
        controller.enqueue(picture(100, 1))
      },
    })
    expect(await put('no-token', body)).toBe(404)
    // A stream has at most one chunk ready before somebody reads it.
    expect(read).toBeLessThanOrEqual(1)
    expect((await client.send('no-token', 'DELETE', '/me/avatar')).status).toBe(404)
    expect(await stored()).toBe(before)
  })

  it('an upload ends at the first byte too many, whatever length it announces', async () => {
    const before = await stored()
    let sent = 0
    const endless = () =>
      new ReadableStream({
        pull(controller) {
          sent += 100_000
          controller.enqueue(picture(100_000, 1))
        },
      })
    for (const announced of [undefined, '10', '99999999999999']) {
      sent = 0
      expect(await put('eve', endless(), 'image/png', announced ? { 'content-length': announced } : {})).toBe(400)
      expect(sent).toBeLessThanOrEqual(1_300_000)
    }
    expect(await put('eve', picture(1_000_001, 1))).toBe(400)
    expect(await put('eve', picture(0, 1))).toBe(400)
    expect(await stored()).toBe(before)
    expect(await put('eve', picture(1_000_000, 1))).toBe(204)
  })

  it.each(['image/svg+xml', 'text/html', 'image/png, text/html', 'application/octet-stream', '', 'x'.repeat(5000)])(
    'an upload of the type %j is refused',
    async type => {
      const before = await stored()
      expect(await put('eve', picture(10, 1), type)).toBe(400)
      expect(await stored()).toBe(before)
    },
  )

  it('an upload that its client ends with an error stores nothing', async () => {
    const before = await stored()
    const broken = new ReadableStream({
      pull(controller) {
        controller.enqueue(picture(100, 1))
        controller.error(new Error('the connection is gone'))
      },
    })
    expect(await put('eve', broken)).toBe(500)
    expect(await stored()).toBe(before)
  })

  it('an avatar cannot be set as JSON, or through the user of another', async () => {
    await put('ann', picture(10, 7))
    const avatar = (await db.scope({ system: 'check' }).User.get({ userId: users.get('ann') ?? '' }))?.avatar
    const eve = db.scope({ actor: users.get('eve') })
    await expect(eve.User.update({ userId: users.get('ann') ?? '' }, { avatar: null })).rejects.toMatchObject({
      code: 'NotFound',
    })
    expect(await put('eve', JSON.stringify(avatar), 'application/json')).toBe(400)
    expect((await get('ann')).status).toBe(200)
  })
})
