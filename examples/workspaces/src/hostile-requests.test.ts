/** Hostile ids, bodies and cursors: each is refused with a status of the client's mistakes, and changes nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeApp } from './app.js'
import { Client, makeUsers } from './client.js'
import { openWorkspaces, type Workspaces } from './database.js'

let db: Workspaces
let client: Client
let users: ReadonlyMap<string, string>
let shared: Awaited<ReturnType<Client['atelier']>>
beforeAll(async () => {
  db = await openWorkspaces({ store: 'memory:' })
  users = await makeUsers(db, ['ann', 'ben', 'eve'])
  client = new Client(
    makeApp(db, token => users.get(token)),
    users,
  )
  shared = await client.atelier()
})
afterAll(() => db.close())

const isRefused = (status: number) => status >= 400 && status < 500

it.each([
  '__proto__',
  'constructor',
  '..%2F..%2Fetc%2Fpasswd',
  '%00',
  '%23Workspace',
  'WORKSPACE%23x',
  '%F0%9F%92%A9',
  '%FF%FE',
  '%',
  `'%20OR%201=1`,
  '%7B%22%24ne%22%3Anull%7D',
  '-1',
  'x'.repeat(5000),
])('no route answers for the id %.40s', async id => {
  for (const token of ['ann', '__proto__']) {
    for (const [method, path, body] of [
      ['GET', `/workspaces/${id}`],
      ['DELETE', `/workspaces/${id}`],
      ['DELETE', `/workspaces/${id}/members/${id}`],
      ['GET', `/workspaces/${id}/members/${id}/avatar`],
      ['POST', `/workspaces/${id}/projects`, { name: 'x' }],
      ['POST', `/workspaces/${id}/invitations`, { email: 'x@example.com' }],
      ['POST', `/invitations/${id}/accept`],
      ['DELETE', `/projects/${id}`],
      ['POST', `/projects/${id}/documents`, { title: 'x' }],
      ['GET', `/documents/${id}`],
      ['GET', `/documents/${id}/history`],
      ['PATCH', `/documents/${id}`, { title: 'x' }],
      ['DELETE', `/documents/${id}`],
      ['POST', `/documents/${id}/restore`],
    ] as const) {
      const { status, body: answer } = await client.send(token, method, path, body)
      const isEmpty = status === 200 && Array.isArray(answer.items) && answer.items.length === 0
      expect(isRefused(status) || isEmpty, `${method} ${path} as ${token}: ${status} ${JSON.stringify(answer)}`).toBe(
        true,
      )
    }
    const { status, body } = await client.send(token, 'GET', `/projects/${id}/documents`)
    expect(isRefused(status) || body.items.length === 0).toBe(true)
  }
})

it('a member of one workspace cannot be reached through another', async () => {
  const { workspaceId, documentId } = await client.atelier()
  const { body: lair } = await client.send('eve', 'POST', '/workspaces', { name: 'Lair' })
  const { body: project } = await client.send('eve', 'POST', `/workspaces/${lair.workspaceId}/projects`, {
    name: 'Mine',
  })
  const path = `/projects/${project.projectId}/documents`
  // Ann is a user, but not a member of the lair.
  const stolen = await client.send('eve', 'POST', path, { title: 'x', userId: users.get('ann') })
  expect([stolen.status, stolen.body.problems]).toMatchObject([400, [{ path: 'userId' }]])
  // A document with the id of another one.
  const taken = await client.send('eve', 'POST', path, { title: 'x', documentId })
  expect(isRefused(taken.status)).toBe(true)
  const moved = await client.send('eve', 'POST', path, { title: 'x', projectId: 'ignored', workspaceId })
  expect(isRefused(moved.status)).toBe(true)
  expect((await client.send('ann', 'GET', `/documents/${documentId}`)).body.title).toBe('Plan')
})

it.each([
  'not json',
  '',
  'null',
  '[]',
  '"text"',
  '7',
  '{"title":',
  '{"title":{"$ne":null}}',
  '{"title":["x"]}',
  '{"title":7}',
  '{"__proto__":{"title":"x"}}',
  '{"title":"x","__proto__":{"polluted":true}}',
  '{"title":"x","constructor":{"prototype":{"polluted":true}}}',
  '{"title":"x","deletedAt":"2026-01-01T00:00:00Z"}',
  '{"title":"x","version":99}',
  '{"title":"x","_rev":"x"}',
  '{"title":"x","pk":"y"}',
  `{"title":"${'x'.repeat(201)}"}`,
  `{"title":"x","reviewers":${'['.repeat(5000)}${']'.repeat(5000)}}`,
])('a document is not written with the body %.60s', async body => {
  const { projectId, documentId } = shared
  const created = await client.send('ann', 'POST', `/projects/${projectId}/documents`, body)
  expect([created.status, created.body]).toMatchObject([400, { error: expect.any(String) }])
  const patched = await client.send('ann', 'PATCH', `/documents/${documentId}`, body)
  expect(patched.status === 400 || body === '{"__proto__":{"title":"x"}}').toBe(true)
  expect((await client.send('ann', 'GET', `/documents/${documentId}`)).body).toMatchObject({
    title: 'Plan',
    version: 1,
  })
  expect((await client.send('ann', 'GET', `/projects/${projectId}/documents`)).body.items).toHaveLength(1)
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
})

it('a body that is too large is refused before it is read to its end', async () => {
  const { projectId } = await client.atelier()
  const large = await client.send('ann', 'POST', `/projects/${projectId}/documents`, {
    title: 'x',
    text: 'x'.repeat(200_000),
  })
  expect(large.status).toBe(413)
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      sent += 50_000
      controller.enqueue(new Uint8Array(50_000).fill(32))
    },
  })
  expect((await client.raw('ann', 'POST', '/workspaces', { body })).status).toBe(413)
  expect(sent).toBeLessThanOrEqual(300_000)
})

it('a cursor of another list, or none at all, is refused', async () => {
  const { projectId, documentId } = await client.atelier()
  for (let n = 0; n < 21; n++) await client.send('ann', 'POST', `/projects/${projectId}/documents`, { title: `${n}` })
  const { body } = await client.send('ann', 'GET', `/projects/${projectId}/documents`)
  expect(body.items).toHaveLength(20)
  const after = encodeURIComponent(body.after)
  expect((await client.send('ann', 'GET', `/projects/${projectId}/documents?after=${after}`)).body.items).toHaveLength(
    2,
  )
  for (const path of [
    `/documents/${documentId}/history?after=${after}`,
    `/projects/${documentId}/documents?after=${after}`,
    `/projects/${projectId}/documents?after=x`,
    `/projects/${projectId}/documents?after=${'x'.repeat(5000)}`,
  ]) {
    expect((await client.send('ann', 'GET', path)).status, path).toBe(400)
  }
  // The cursor shows nothing to another user.
  expect((await client.send('eve', 'GET', `/projects/${projectId}/documents?after=${after}`)).body.items).toEqual([])
})
