/** The tasks of a tenant. */
import type { Saas, TaskRecord } from './database.js'

export function addTask(db: Saas, ownerId: string, title: string): Promise<TaskRecord> {
  return db.Task.create({ ownerId, title })
}

export interface BoardLine {
  readonly title: string
  readonly owner: string
}

/** The open tasks with the names of their owners. Each task reads its own owner; the loader batches these reads. */
export async function board(db: Saas): Promise<BoardLine[]> {
  const tasks = await db.Task.query.byState({ state: 'open' }).all()
  return Promise.all(tasks.map(async task => ({ title: task.title, owner: (await task.owner())?.name ?? 'nobody' })))
}
