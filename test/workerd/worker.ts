/** A small application at the edge: one database for all requests of an isolate, each in its own tenant's scope. */
import { env } from 'cloudflare:workers'
import { type CreateInput, connect, openStore, PartitaError } from 'partita'
import { dynamodb } from 'partita/dynamodb'
import { models } from './models.js'

// Outside of requests the runtime refuses to send, to wait and to draw random numbers: that this works shows that
// `connect` does none of it, so that no request ever waits for what was begun by another.
const db = await connect({
  models,
  store: dynamodb({
    endpoint: env.ENDPOINT,
    region: 'local',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }),
  table: env.TABLE,
  tenancy: 'required',
})

/** Drawn by the first request. */
let isolate: string | undefined
/** How many requests have come. */
let begun = 0
/** How many of them have come to each point of a meeting. */
const arrivals = new Map<string, number>()

export default {
  async fetch(request: Request): Promise<Response> {
    begun++
    isolate ??= crypto.randomUUID()
    const tenant = request.headers.get('tenant')
    try {
      const answer = await (tenant === null ? serve(request) : db.run({ tenant, loader: true }, () => serve(request)))
      return Response.json({ isolate, answer })
    } catch (error) {
      if (!(error instanceof PartitaError)) throw error
      return Response.json({ isolate, error: { code: error.code, message: error.message } }, { status: 400 })
    }
  },
}

async function serve(request: Request): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url)
  const userId = searchParams.get('id') ?? ''
  switch (`${request.method} ${pathname}`) {
    case 'POST /users':
      return db.User.create((await request.json()) as CreateInput<typeof models.User>)
    case 'GET /user':
      return db.User.get({ userId })
    case 'GET /holder':
      return db.User.findBy({ email: searchParams.get('email') ?? '' })
    case 'POST /visit':
      return db.transaction(async tx => {
        const user = await tx.User.get({ userId })
        return user && tx.User.update({ userId }, { visits: user.visits + 1 })
      })
    case 'GET /meeting':
      return meet(searchParams.get('name') ?? '', Number(searchParams.get('people')), userId)
    case 'POST /cut-off':
      return cutOff(await request.text())
    case 'POST /endless':
      await db.User.create((await request.json()) as CreateInput<typeof models.User>)
      for (;;) await turn()
    case 'GET /embedded':
      return openStore('embedded:./data')
    default:
      return undefined
  }
}

/** What a request sees at three points, at each of which it waits in its scope until so many requests have come. */
async function meet(meeting: string, people: number, userId: string): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const point of [`${meeting}, arrival`, `${meeting}, middle`, `${meeting}, departure`]) {
    arrivals.set(point, (arrivals.get(point) ?? 0) + 1)
    while ((arrivals.get(point) ?? 0) < people) await turn()
    seen.push(await look(userId))
  }
  return seen
}

/** Asks this very Worker to write, and goes away as soon as it has begun: the runtime then ends it where it is. */
async function cutOff(user: string): Promise<string> {
  const before = begun
  const patience = new AbortController()
  const request = { method: 'POST', headers: { tenant: 'cut off' }, body: user, signal: patience.signal }
  const end = env.SELF.fetch('http://self/endless', request).then(
    () => 'answered',
    (error: Error) => error.name,
  )
  while (begun === before) await turn()
  patience.abort()
  return end
}

async function look(userId: string): Promise<unknown> {
  try {
    const [user, members, all] = await Promise.all([
      db.User.get({ userId }),
      db.User.query.byRole({ role: 'member' }).all(),
      collect(db.User.iterate()),
    ])
    const names = (users: readonly { readonly name: string }[]) => users.map(({ name }) => name).sort()
    return { tenant: db.tenant, user: user?.name, members: names(members), all: names(all) }
  } catch (error) {
    if (!(error instanceof PartitaError)) throw error
    return error.code
  }
}

function turn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 1))
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of all) items.push(item)
  return items
}
