/** The MongoDB store against the bare driver on the same server: the overhead of the Store contract above the driver. */
import { MongoClient } from 'mongodb'
import { mongodb } from 'partita/mongodb'
import { compare, cpuCost, type Pace } from '../measure.js'
import { Report } from '../report.js'
import { startMongo } from '../servers/mongo.js'
import { mongoSubject, timeLimit } from '../subjects/mongo.js'
import { storeSubject } from '../subjects/store.js'
import { contenders, prove, READS, WRITES } from '../subjects/subject.js'

const STORE = 'partita'
const DRIVER = 'bare driver'
/** The store limits the time of every call. */
const LIMITED = 'with a limit'
const DATABASE = 'partita-bench'
/** CPU time of this process alone, so the server may be slow, but each round needs many calls. */
const PACE: Pace = { rounds: 21, milliseconds: 150, warmUp: 1500 }

export async function measureMongodb(): Promise<void> {
  const server = await startMongo()
  const client = new MongoClient(server.url)
  await client.db(DATABASE).dropDatabase()
  await client.db(`${DATABASE}-limited`).dropDatabase()
  const database = client.db(DATABASE)
  const subjects = [
    await storeSubject(STORE, mongodb({ client, database: DATABASE })),
    await mongoSubject(LIMITED, client, client.db(`${DATABASE}-limited`), timeLimit),
    await mongoSubject(DRIVER, client, database),
  ]
  for (const subject of subjects) await prove(subject)
  const report = new Report(`MongoDB, on ${server.name}`, 'microseconds of CPU', [STORE, LIMITED, DRIVER])
  for (const name of [...READS, ...WRITES]) {
    report.add(name, 1, await compare(contenders(subjects, name), 1, cpuCost, PACE), [
      { of: STORE, against: LIMITED, bar: { atMost: 1.25 } },
      { of: STORE, against: DRIVER },
    ])
  }
  report.print()
  for (const subject of subjects) await subject.close()
  await client.close()
  server.stop()
}
