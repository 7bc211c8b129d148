/** A client of the server for the tests: requests with the token of a user, and a workspace to work with. */
import assert from 'node:assert/strict'
import type { App } from './acting.js'
import type { Workspaces } from './database.js'

/** An answer: its status and its body, parsed if it is JSON. */
export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies without a type.
  readonly body: any
}

/** Creates users whose tokens are their names. @returns their ids by name. */
export async function makeUsers(db: Workspaces, names: readonly string[]): Promise<Map<string, string>> {
  const system = db.scope({ system: 'users of the test' })
  const users = new Map<string, string>()
  for (const name of names) {
    const { userId } = await system.User.create({ name, email: `${name}@example.com` })
    users.set(name, userId)
  }
  return users
}

/** Requests of the server in this process. */
export class Client {
  readonly #app: App
  readonly #users: ReadonlyMap<string, string>

  constructor(app: App, users: ReadonlyMap<string, string>) {
    this.#app = app
    this.#users = users
  }

  /** Sends JSON, or text as it is. */
  async send(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.raw(token, method, path, {
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return { status: response.status, body: text === '' ? undefined : isJson ? JSON.parse(text) : text }
  }

  /** Sends a request, and returns the response with its headers. */
  async raw(token: string, method: string, path: string, init: RequestInit): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, ...init.headers }
    return this.#app.request(path, { method, ...init, headers, duplex: 'half' } as RequestInit)
  }

  /** A workspace of ann with ben as a member, a project and a document. */
  async atelier(): Promise<{ workspaceId: string; projectId: string; documentId: string }> {
    const { body: workspace } = await this.send('ann', 'POST', '/workspaces', { name: 'Atelier' })
    const { workspaceId } = workspace
    const email = 'ben@example.com'
    const invited = await this.send('ann', 'POST', `/workspaces/${workspaceId}/invitations`, { email })
    const accepted = await this.send('ben', 'POST', `/invitations/${invited.body.invitationId}/accept`)
    assert.deepEqual(accepted, { status: 200, body: { workspaceId } })
    const { body: project } = await this.send('ben', 'POST', `/workspaces/${workspaceId}/projects`, { name: 'Chairs' })
    const document = await this.send('ben', 'POST', `/projects/${project.projectId}/documents`, {
      title: 'Plan',
      userId: this.#users.get('ann'),
    })
    assert.equal(document.status, 201)
    return { workspaceId, projectId: project.projectId, documentId: document.body.documentId }
  }
}
