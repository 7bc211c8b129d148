/** The example over HTTP, attacked as a member of another workspace, a former member, and nobody. */
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../test/stores.js'
import { makeApp } from './app.js'
import { openWorkspaces, type Workspaces } from './database.js'

describeEachStore('the workspaces', tested => {
  let db: Workspaces
  let app: ReturnType<typeof makeApp>
  const users = new Map<string, string>()
  beforeAll(async () => {
    db = await openWorkspaces({ store: tested.store, table: tested.tableName() })
    const system = db.scope({ system: 'users of the test' })
    for (const name of ['ann', 'ben', 'eve', 'zoe']) {
      const { userId } = await system.User.create({ name, email: `${name}@example.com` })
      users.set(name, userId)
    }
    app = makeApp(db, token => users.get(token))
  })

  async function send(token: string, method: string, path: string, body?: unknown) {
    const response = await app.request(path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }

  /** A workspace of ann with ben as a member, a project and a document. */
  async function atelier() {
    const { body: workspace } = await send('ann', 'POST', '/workspaces', { name: 'Atelier' })
    const { workspaceId } = workspace
    const invited = await send('ann', 'POST', `/workspaces/${workspaceId}/invitations`, { email: 'ben@example.com' })
    const accepted = await send('ben', 'POST', `/invitations/${invited.body.invitationId}/accept`)
    expect(accepted).toEqual({ status: 200, body: { workspaceId } })
    const { body: project } = await send('ben', 'POST', `/workspaces/${workspaceId}/projects`, { name: 'Chairs' })
    const document = await send('ben', 'POST', `/projects/${project.projectId}/documents`, {
      title: 'Plan',
      userId: users.get('ann'),
    })
    expect(document.status).toBe(201)
    return { workspaceId, projectId: project.projectId, documentId: document.body.documentId }
  }

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
