/** The example over HTTP, attacked as a member of another workspace, a former member, and nobody. */
import { beforeAll, expect, it } from 'vitest'
import { describeEachStoreAndMongo } from '../../../test/stores.js'
import { makeApp } from './app.js'
import { Client, makeUsers } from './client.js'
import { openWorkspaces, type Workspaces } from './database.js'

describeEachStoreAndMongo('the workspaces', tested => {
  let db: Workspaces
  let client: Client
  let users: ReadonlyMap<string, string>
  beforeAll(async () => {
    db = await openWorkspaces({ store: tested.store, table: tested.tableName() })
    users = await makeUsers(db, ['ann', 'ben', 'eve', 'zoe'])
    client = new Client(
      makeApp(db, token => users.get(token)),
      users,
    )
  })

  const send: Client['send'] = (...request) => client.send(...request)
  const atelier = () => client.atelier()

  it('members work on the documents of their workspace', async () => {
    const { workspaceId, projectId, documentId } = await atelier()
    const workspace = await send('ben', 'GET', `/workspaces/${workspaceId}`)
    expect(workspace.body).toMatchObject({ name: 'Atelier', projects: [{ name: 'Chairs' }] })
    expect(workspace.body.userRoles).toHaveLength(2)
    expect((await send('ann', 'PATCH', `/documents/${documentId}`, { text: 'Four legs' })).status).toBe(200)
    expect((await send('ben', 'GET', `/projects/${projectId}/documents`)).body.items).toMatchObject([
      { title: 'Plan', text: 'Four legs', version: 2 },
    ])
    expect((await send('ben', 'DELETE', `/documents/${documentId}`)).status).toBe(204)
    expect((await send('ben', 'GET', `/documents/${documentId}`)).status).toBe(404)
    expect((await send('ann', 'POST', `/documents/${documentId}/restore`)).body.text).toBe('Four legs')
  })

  it('a request that breaks rules is answered with all problems', async () => {
    const { documentId } = await atelier()
    const reviewers = [users.get('ben'), users.get('ben'), users.get('eve')].map(userId => ({ userId, role: 'reader' }))
    const broken = await send('ann', 'PATCH', `/documents/${documentId}`, { userId: users.get('zoe'), reviewers })
    expect(broken.status).toBe(400)
    expect(broken.body.problems.map(({ path }: { path: string }) => path).sort()).toEqual([
      'reviewers.1',
      'reviewers.2.userId',
      'userId',
    ])
    const moved = await send('ann', 'PATCH', `/documents/${documentId}`, { projectId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' })
    // Nobody learns whether the other project exists.
    expect(moved.status).toBe(403)
  })

  it('a member is not invited again, and nobody is invited twice', async () => {
    const { workspaceId } = await atelier()
    const invite = (email: string) => send('ann', 'POST', `/workspaces/${workspaceId}/invitations`, { email })
    expect((await invite('ben@example.com')).body.problems).toMatchObject([{ path: 'email' }])
    expect((await invite('zoe@example.com')).status).toBe(201)
    expect((await invite('zoe@example.com')).status).toBe(409)
  })

  it('an invitation is only for the invited address', async () => {
    const { workspaceId } = await atelier()
    const { body } = await send('ann', 'POST', `/workspaces/${workspaceId}/invitations`, { email: 'zoe@example.com' })
    for (const other of ['eve', 'nobody']) {
      expect((await send(other, 'POST', `/invitations/${body.invitationId}/accept`)).status).toBe(404)
    }
    expect((await send('zoe', 'POST', `/invitations/${body.invitationId}/accept`)).status).toBe(200)
    expect((await send('zoe', 'POST', `/invitations/${body.invitationId}/accept`)).status).toBe(404)
  })

  it('the history of a document tells its members who changed what, also after its deletion', async () => {
    const { documentId } = await atelier()
    await send('ann', 'PATCH', `/documents/${documentId}`, { title: 'Drawing' })
    await send('ben', 'DELETE', `/documents/${documentId}`)
    expect((await send('ann', 'GET', `/documents/${documentId}/history`)).body.items).toEqual([])
    await send('ann', 'POST', `/documents/${documentId}/restore`)
    const { body } = await send('ben', 'GET', `/documents/${documentId}/history`)
    expect(body.items.map(({ operation, actor }: Entry) => [operation, actor])).toEqual([
      ['restore', users.get('ann')],
      ['delete', users.get('ben')],
      ['update', users.get('ann')],
      ['create', users.get('ben')],
    ])
    expect(body.items[2].changes.title).toEqual({ from: 'Plan', to: 'Drawing' })
    const system = db.scope({ system: 'check' })
    const { workspaceId } = await atelier()
    const [joined] = await system.Workspace.history({ workspaceId }).all()
    expect(joined).toMatchObject({ operation: 'update', system: 'accept an invitation' })
  })

  it('projects and documents are counted as they come and go', async () => {
    const { workspaceId, projectId, documentId } = await atelier()
    const counts = async () => {
      const { body } = await send('ann', 'GET', `/workspaces/${workspaceId}`)
      return [body.projectCount, body.projects.map(({ documentCount }: { documentCount: number }) => documentCount)]
    }
    expect(await counts()).toEqual([1, [1]])
    const titles = ['a', 'b', 'c', 'd']
    await Promise.all(titles.map(title => send('ben', 'POST', `/projects/${projectId}/documents`, { title })))
    await send('ann', 'POST', `/workspaces/${workspaceId}/projects`, { name: 'Tables' })
    expect(await counts()).toEqual([2, [5, 0]])
    await send('ann', 'DELETE', `/documents/${documentId}`)
    expect(await counts()).toEqual([2, [4, 0]])
    // A client cannot set a count.
    expect(
      (await send('ann', 'POST', `/projects/${projectId}/documents`, { title: 'e', documentCount: 9 })).status,
    ).toBe(400)
    expect(await counts()).toEqual([2, [4, 0]])
  })

  it('a project is deleted with its documents by the owner, and a workspace only when it has no projects', async () => {
    const { workspaceId, projectId, documentId } = await atelier()
    await send('ann', 'POST', `/workspaces/${workspaceId}/invitations`, { email: 'zoe@example.com' })
    expect((await send('ann', 'DELETE', `/workspaces/${workspaceId}`)).status).toBe(400)
    expect((await send('ben', 'DELETE', `/projects/${projectId}`)).status).toBe(403)
    expect((await send('ann', 'DELETE', `/projects/${projectId}`)).status).toBe(204)
    expect((await send('ann', 'GET', `/documents/${documentId}`)).status).toBe(404)
    expect((await send('ann', 'DELETE', `/workspaces/${workspaceId}`)).status).toBe(204)
    const system = db.scope({ system: 'check' })
    expect(await system.Document.get({ documentId })).toBeUndefined()
    expect(await system.Invitation.query.byWorkspace({ workspaceId }).all()).toEqual([])
  })

  it('a workspace is written by its owner alone, who cannot leave it', async () => {
    const { workspaceId } = await atelier()
    const remove = (token: string, name: string) =>
      send(token, 'DELETE', `/workspaces/${workspaceId}/members/${users.get(name)}`)
    expect((await remove('ben', 'ann')).status).toBe(403)
    expect((await remove('ann', 'ann')).body.problems).toMatchObject([{ path: 'userRoles' }])
  })

  it.each(['another member', 'a former member', 'nobody'])('%s sees and changes nothing', async who => {
    const { workspaceId, projectId, documentId } = await atelier()
    if (who === 'a former member') {
      expect((await send('ann', 'DELETE', `/workspaces/${workspaceId}/members/${users.get('ben')}`)).status).toBe(200)
    }
    if (who === 'another member') await send('eve', 'POST', '/workspaces', { name: 'Lair' })
    const token = { 'another member': 'eve', 'a former member': 'ben', nobody: 'no-token' }[who] ?? ''
    const absent = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
    for (const [method, path, id, body] of [
      ['GET', '/workspaces/:id', workspaceId],
      ['POST', '/workspaces/:id/projects', workspaceId, { name: 'Mine' }],
      ['POST', '/workspaces/:id/invitations', workspaceId, { email: 'eve@example.com' }],
      ['DELETE', `/workspaces/:id/members/${users.get('ann')}`, workspaceId],
      ['GET', '/projects/:id/documents', projectId],
      ['POST', '/projects/:id/documents', projectId, { title: 'Mine' }],
      ['GET', '/documents/:id', documentId],
      ['PATCH', '/documents/:id', documentId, { title: 'Mine' }],
      ['DELETE', '/documents/:id', documentId],
      ['POST', '/documents/:id/restore', documentId],
      ['GET', '/documents/:id/history', documentId],
      ['DELETE', '/projects/:id', projectId],
      ['DELETE', '/workspaces/:id', workspaceId],
      ['GET', `/workspaces/:id/members/${users.get('ann')}/avatar`, workspaceId],
    ] as const) {
      const answer = await send(token, method, path.replace(':id', id), body)
      expect(answer.status < 400 ? answer.body.items : answer.status >= 403, `${method} ${path}`).toBeTruthy()
      if (answer.status < 400) expect(answer.body.items).toEqual([])
      // The same as for what does not exist, so that the answer tells nothing.
      if (method !== 'POST') expect(await send(token, method, path.replace(':id', absent), body)).toEqual(answer)
    }
    const system = db.scope({ system: 'check' })
    expect(await system.Document.get({ documentId })).toMatchObject({ title: 'Plan', version: 1 })
    expect(await system.Document.query.byProject({ projectId }).count()).toBe(1)
    expect((await system.Workspace.get({ workspaceId }))?.userRoles).toHaveLength(who === 'a former member' ? 1 : 2)
  })
})

interface Entry {
  readonly operation: string
  readonly actor: string
}
