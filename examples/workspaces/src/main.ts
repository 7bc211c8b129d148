/** Serves the workspaces on this machine. The tokens of two users are printed. */
import { serve } from '@hono/node-server'
import { folderAssets, memoryAssets } from 'partita/assets'
import { makeApp } from './app.js'
import { openWorkspaces } from './database.js'

const { PARTITA_STORE: store = 'memory:', AVATARS: path } = process.env
const db = await openWorkspaces({ store, assets: path === undefined ? memoryAssets() : folderAssets({ path }) })
const system = db.scope({ system: 'users of the example' })
const tokens = new Map<string, string>()
for (const name of ['ann', 'ben']) {
  const { userId } = await system.User.create({ name, email: `${name}@example.com` })
  tokens.set(name, userId)
}
const server = serve(
  { fetch: makeApp(db, token => tokens.get(token)).fetch, hostname: '127.0.0.1', port: 3000 },
  () => {
    console.log('http://127.0.0.1:3000, with the tokens ann and ben:')
    console.log(`  curl -H 'authorization: Bearer ann' -d '{"name":"Atelier"}' http://127.0.0.1:3000/workspaces`)
    console.log(
      `  curl -H 'authorization: Bearer ann' -H 'content-type: image/png' -T ann.png http://127.0.0.1:3000/me/avatar`,
    )
  },
)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close(() => void db.close()))
