/** Permissions that another row decides. */
import type { InheritedPermissions } from '../types/rules.js'

/**
 * Permissions of a model whose rows belong to a row of another model: whoever may read that row may read them, and its
 * `enforce` decides on their writes.
 *
 * @example
 * import { f, inherit, model } from 'partita'
 *
 * const Project = model('Project', {
 *   fields: { projectId: f.ulid().auto(), ownerId: f.string() },
 *   key: 'projectId',
 *   rules: {
 *     permissions: {
 *       conditions: ({ actor }) => ({ ownerId: String(actor) }),
 *       enforce: (project, { actor }) => project.ownerId === actor,
 *     },
 *   },
 * })
 * const Task = model('Task', {
 *   fields: { taskId: f.ulid().auto(), projectId: f.ref('Project') },
 *   key: 'taskId',
 *   rules: { permissions: inherit('projectId') },
 * })
 * @param field the ref field that holds the key of the other row.
 */
export function inherit(field: string): InheritedPermissions {
  return { inherit: field }
}
