/** Two tenants in one table: they can use the same addresses and tokens, and share nothing. */
import type { Saas } from './database.js'
import { callsOf, makeMeter } from './meter.js'
import { makeHandler } from './requests.js'
import { IDLE, signIn } from './sessions.js'
import { addTask, board } from './tasks.js'

type Print = (line: string) => void

const TENANTS = ['acme', 'globex']

/** @param time the time of the database's clock. */
export async function tell(db: Saas, time: { now: number }, print: Print): Promise<void> {
  const clock = () => time.now
  const handle = makeHandler(db, clock)
  const meter = makeMeter(db)

  for (const tenant of TENANTS) await db.run({ tenant }, () => settle(db, tenant))
  print(`${TENANTS.join(' and ')} have users of the same e-mail addresses.`)

  for (const tenant of TENANTS) {
    const token = await db.run({ tenant }, () => signIn(db, clock, 'ADA@example.com'))
    await handle({ tenant, token }, async ({ name }) => {
      print(`${name} sees:`)
      const calls = await callsOf(db, async () => {
        for (const { title, owner } of await board(db)) print(`  ${title}, by ${owner}`)
      })
      print(`  (read by ${calls.join(' and ')})`)
    })
  }
  await tellOfTime(db, time, print)

  meter.stop()
  for (const [tenant, { calls, read, write }] of meter.usage) {
    print(`${tenant} made ${calls} calls, of ${read} read units and ${write} write units.`)
  }
}

async function settle(db: Saas, tenant: string): Promise<void> {
  for (const name of ['Ada', 'Bob', 'Cyd', 'Dot']) {
    const email = `${name.toLowerCase()}@example.com`
    const { userId } = await db.User.create({ name: `${name} of ${tenant}`, email })
    await addTask(db, userId, `Task of ${name}`)
  }
}

/** A session in use is extended, and an unused one expires. */
async function tellOfTime(db: Saas, time: { now: number }, print: Print): Promise<void> {
  const clock = () => time.now
  const handle = makeHandler(db, clock)
  const request = { tenant: 'acme', token: 'a token of Bob at acme' }
  const isIn = async () => ((await handle(request, async () => 'in')) === 'in' ? 'signed in' : 'signed out')

  await db.run({ tenant: request.tenant }, () => signIn(db, clock, 'bob@example.com', request.token))
  for (let i = 0; i < 3; i++) {
    time.now += 0.8 * IDLE
    print(`After ${Math.round(((i + 1) * 0.8 * IDLE) / 60_000)} minutes Bob is ${await isIn()}.`)
  }
  time.now += IDLE
  print(`After half an hour of nothing he is ${await isIn()}.`)
  await db.run({ tenant: request.tenant }, () => signIn(db, clock, 'bob@example.com', request.token))
  print('His token was free again: he has signed in with the same.')
}
