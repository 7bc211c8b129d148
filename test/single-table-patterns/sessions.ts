/** Sessions that expire a day after their last use, based on the published patterns for SingleTable. */
import type { AppTable } from './set-up.js'

export interface Session {
  sessionId: string
  userId: string
  // biome-ignore lint/suspicious/noExplicitAny: as in the published program
  data: Record<string, any>
  createdAt: string
  lastAccessedAt: string
}

let made = 0

export class SessionService {
  private readonly SESSION_TTL = 60 * 60 * 24

  constructor(
    private readonly table: AppTable,
    private readonly now: () => number,
  ) {}

  async createSession(userId: string, data: Session['data'] = {}): Promise<Session> {
    const sessionId = `sess_${made++}`
    const now = new Date(this.now()).toISOString()
    const session: Session = { sessionId, userId, data, createdAt: now, lastAccessedAt: now }
    await this.table.create({
      key: { partitionKey: ['SESSION', sessionId], rangeKey: '#DATA' },
      item: session,
      type: 'SESSION',
      expiresAt: Math.floor(this.now() / 1000) + this.SESSION_TTL,
      indexes: { GSI1: { partitionKey: ['USER_SESSIONS', userId], rangeKey: now } },
    })
    return session
  }

  async getSession(sessionId: string): Promise<Session | null> {
    const session = await this.table.get<Session>({
      partitionKey: ['SESSION', sessionId],
      rangeKey: '#DATA',
      consistentRead: true,
    })
    if (session) {
      await this.table.update({
        partitionKey: ['SESSION', sessionId],
        rangeKey: '#DATA',
        values: { lastAccessedAt: new Date(this.now()).toISOString() },
        expiresAt: Math.floor(this.now() / 1000) + this.SESSION_TTL,
      })
    }
    return session || null
  }

  async updateSessionData(sessionId: string, data: Session['data']): Promise<void> {
    await this.table.update({
      partitionKey: ['SESSION', sessionId],
      rangeKey: '#DATA',
      values: { data, lastAccessedAt: new Date(this.now()).toISOString() },
      expiresAt: Math.floor(this.now() / 1000) + this.SESSION_TTL,
    })
  }

  async deleteSession(sessionId: string): Promise<void> {
    await this.table.delete({ partitionKey: ['SESSION', sessionId], rangeKey: '#DATA' })
  }

  async getUserSessions(userId: string): Promise<Session[]> {
    const { items } = await this.table.query<Session>({
      partition: ['USER_SESSIONS', userId],
      index: 'GSI1',
      retrieveOrder: 'DESC',
    })
    return items
  }
}
