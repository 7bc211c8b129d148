/**
 * Partita's server against DynamoDB emulators: all in memory, each in its own process, called through the AWS SDK and
 * with prebuilt requests that cost the client almost nothing.
 */
import { Figures, type Pace, rate } from '../measure.js'
import { type Claim, Report } from '../report.js'
import { EMPTY_SERVER, PARTITA_SERVER, type RunningServer, SERVER_NAMES, startServers } from '../servers/start.js'
import { prepareRequests, rawSubject } from '../subjects/raw.js'
import { sdkSubject } from '../subjects/sdk.js'
import { BATCH, BATCH_WRITE, type OperationName, prove, READS, type Subject, WRITES } from '../subjects/subject.js'
import { figure, printTable } from '../table.js'
import { measureColdStart } from './cold-start.js'

const PARTITA = PARTITA_SERVER.name
const EMPTY = EMPTY_SERVER.name
/** A create is not measured separately: a put does the same work. */
const OPERATIONS: readonly OperationName[] = [...READS, ...WRITES.filter(name => name !== 'create'), BATCH_WRITE]
const PACE: Pace = { rounds: 7, milliseconds: 150, warmUp: 300 }
/** Calls of each operation before the measurement: a server on Node gets faster for the first 4,000, which V8 compiles. */
const WARM_UP_CALLS = 4000
const AT_ONCE = [1, 16]
const MB = 2 ** 20

interface Contestant {
  readonly server: RunningServer
  readonly subject: Subject
}

export async function measureWire(): Promise<void> {
  const servers = await startServers(PARTITA_SERVER, EMPTY_SERVER)
  try {
    const idle = servers.map(memoryOf)
    const throughSdk = await sdkContestants(servers.filter(({ name }) => name !== EMPTY))
    const raw = await rawContestants(servers)
    await measureAll('Servers through AWS SDK v3', throughSdk)
    await measureAll('Servers through plain HTTP', raw)
    printMemory(servers, idle)
  } finally {
    for (const server of servers) server.stop()
  }
  await measureColdStart()
}

async function sdkContestants(servers: readonly RunningServer[]): Promise<Contestant[]> {
  const contestants: Contestant[] = []
  for (const server of servers) {
    const subject = await sdkSubject(server.name, server.url, server.transactions)
    await prove(subject)
    contestants.push({ server, subject })
  }
  return contestants
}

async function rawContestants(servers: readonly RunningServer[]): Promise<Contestant[]> {
  const requests = prepareRequests()
  const contestants: Contestant[] = []
  for (const server of servers) {
    const { name, url, transactions } = server
    const subject = rawSubject(name, url, requests, transactions, Math.max(...AT_ONCE))
    if (name !== EMPTY) await prove(subject)
    contestants.push({ server, subject })
  }
  return contestants
}

async function warmUp({ operations }: Subject): Promise<void> {
  const atOnce = Math.max(...AT_ONCE)
  for (const name of OPERATIONS) {
    const operation = operations[name]
    if (!operation) continue
    let left = name === BATCH_WRITE ? WARM_UP_CALLS / BATCH : WARM_UP_CALLS
    const work = async (): Promise<void> => {
      while (left-- > 0) await operation()
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  }
}

async function measureAll(title: string, contestants: readonly Contestant[]): Promise<void> {
  for (const { subject } of contestants) await warmUp(subject)
  const names = [PARTITA, ...SERVER_NAMES, EMPTY]
  const rates = new Report(title, 'operations a second', names)
  const costs = new Report(title, "microseconds of the server's CPU for one operation", names)
  for (const name of OPERATIONS) {
    for (const atOnce of AT_ONCE) {
      const { rate, cost } = await measureOne(contestants, name, atOnce)
      rates.add(name, atOnce, rate, [...aheadOfAll(), { of: PARTITA, against: EMPTY }])
      costs.add(
        name,
        atOnce,
        cost,
        [...SERVER_NAMES, EMPTY].map(against => ({ of: PARTITA, against })),
      )
    }
  }
  rates.print()
  costs.print()
  for (const { subject } of contestants) await subject.close()
}

function aheadOfAll(): Claim[] {
  return SERVER_NAMES.map(against => ({ of: PARTITA, against, bar: { atLeast: 1 } }))
}

/** Like `compare`, and also measures the CPU time of the server. */
async function measureOne(
  contestants: readonly Contestant[],
  name: OperationName,
  atOnce: number,
): Promise<{ rate: Figures; cost: Figures }> {
  const figures = { rate: new Figures(), cost: new Figures() }
  const able = contestants.filter(({ subject }) => subject.operations[name])
  for (const { subject } of able) await rate(subject.operations[name]!, atOnce, PACE.warmUp)
  for (let round = 0; round < PACE.rounds; round++) {
    for (let i = 0; i < able.length; i++) {
      const { server, subject } = able[(i + round) % able.length] as Contestant
      const before = server.process.cpu()
      const start = performance.now()
      const perSecond = await rate(subject.operations[name]!, atOnce, PACE.milliseconds)
      const count = (perSecond * (performance.now() - start)) / 1000
      figures.rate.add(server.name, perSecond)
      const after = server.process.cpu()
      if (before !== undefined && after !== undefined) figures.cost.add(server.name, (after - before) / count)
    }
  }
  return figures
}

function memoryOf({ process }: RunningServer): number | undefined {
  return process.memory()
}

function printMemory(servers: readonly RunningServer[], idle: readonly (number | undefined)[]): void {
  const shown = (bytes: number | undefined) => (bytes === undefined ? '' : `${figure(bytes / MB)} MB`)
  const rows = servers.map((server, i) => [server.name, shown(idle[i]), shown(memoryOf(server))])
  printTable('Memory of the servers', [['server', 'begun', 'after all of this'], ...rows], true)
}
