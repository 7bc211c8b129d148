/** Documents of projects, and their history. */
import type { CreateInput, UpdateInput } from 'partita'
import { type App, bodyOf, orNotFound } from './acting.js'
import type { Document } from './models.js'

const PAGE = 20

/** Adds the routes. */
export function addDocuments(app: App): void {
  app.get('/projects/:projectId/documents', async context => {
    const { projectId } = context.req.param()
    const after = context.req.query('after')
    const page = await context.get('acting').Document.query.byProject({ projectId }, { limit: PAGE, after }).page()
    return context.json({ items: page.items, after: page.cursor })
  })

  app.post('/projects/:projectId/documents', async context => {
    const { projectId } = context.req.param()
    const input = { ...(await bodyOf(context)), projectId } as CreateInput<typeof Document>
    return context.json(await context.get('acting').Document.create(input), 201)
  })

  app.get('/documents/:documentId', async context =>
    orNotFound(await context.get('acting').Document.get({ documentId: context.req.param('documentId') })),
  )

  app.get('/documents/:documentId/history', async context => {
    const key = { documentId: context.req.param('documentId') }
    const after = context.req.query('after')
    const page = await context.get('acting').Document.history(key, { limit: PAGE, after }).page()
    return context.json({ items: page.items, after: page.cursor })
  })

  app.patch('/documents/:documentId', async context => {
    const changes = (await bodyOf(context)) as UpdateInput<typeof Document>
    const key = { documentId: context.req.param('documentId') }
    return context.json(await context.get('acting').Document.update(key, changes))
  })

  app.delete('/documents/:documentId', async context => {
    const deleted = await context.get('acting').Document.delete({ documentId: context.req.param('documentId') })
    return deleted ? context.body(null, 204) : orNotFound(deleted)
  })

  app.post('/documents/:documentId/restore', async context =>
    context.json(await context.get('acting').Document.restore({ documentId: context.req.param('documentId') })),
  )
}
