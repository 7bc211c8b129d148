/** What the users of a tenant have to do. */
import type { Saas, TaskRecord } from './database.js'

export function addTask(db: Saas, ownerId: string, title: string): Promise<TaskRecord> {
  return db.Task.create({ ownerId, title })
}

export interface BoardLine {
  readonly title: string
  readonly owner: string
}

/** The open tasks with the names of their owners. Each asks for its owner by itself; the loader makes it one read. */
export async function board(db: Saas): Promise<BoardLine[]> {
  const tasks = await db.Task.query.byState({ state: 'open' }).all()
  return Promise.all(tasks.map(async task => ({ title: task.title, owner: (await task.owner())?.name ?? 'nobody' })))
}
