/** Models on DynamoDB over loopback sockets, to a server with canned responses: the CPU time of the client, all included. */
import { baoMapper } from '../mappers/bao.js'
import { electrodbMapper } from '../mappers/electrodb.js'
import { LOW_LEVEL, lowLevelMapper } from '../mappers/low-level.js'
import { type MakeMapper, OPERATIONS, operation, prove, record } from '../mappers/mapper.js'
import { onetableMapper } from '../mappers/onetable.js'
import { PARTITA, partitaMapper } from '../mappers/partita.js'
import { toolboxMapper } from '../mappers/toolbox.js'
import { compare, cpuCost, type Pace } from '../measure.js'
import { Report } from '../report.js'
import { startCanned } from '../servers/canned.js'
import { measureFirstCall } from './first-call.js'
import { measureWholeBundle } from './whole-bundle.js'

const MAPPERS: readonly MakeMapper[] = [
  partitaMapper,
  lowLevelMapper,
  electrodbMapper,
  toolboxMapper,
  onetableMapper,
  baoMapper,
]
const AT_ONCE = 16
const POSTS = 25
/** Calls of all contenders get faster for their first 4,000, which V8 compiles meanwhile. */
const PACE: Pace = { rounds: 21, milliseconds: 150, warmUp: 6000 }

export async function measureTransport(): Promise<void> {
  const recorded = []
  for (const make of MAPPERS) {
    const subject = await record(make, POSTS)
    await prove(subject)
    recorded.push({ ...subject, make })
  }
  const { urls, stop } = await startCanned(recorded.map(({ recording }) => recording.canned()))
  const subjects = []
  for (const [i, { make, ...subject }] of recorded.entries()) {
    subject.recording.endpoint = urls[i]
    subjects.push({ ...subject, mapper: await make(subject.recording) })
  }
  for (const subject of subjects) await prove(subject)
  const names = subjects.map(({ mapper }) => mapper.name)
  const others = names.filter(name => name !== PARTITA && name !== LOW_LEVEL)
  const report = new Report('Models on DynamoDB over sockets', 'microseconds of CPU of the client', names)
  for (const name of OPERATIONS) {
    const contenders = subjects.map(subject => ({ name: subject.mapper.name, operation: operation(subject, name) }))
    report.add(name, AT_ONCE, await compare(contenders, AT_ONCE, cpuCost, PACE), [
      { of: PARTITA, against: LOW_LEVEL, bar: { atMost: 0.3 } },
      ...others.map(against => ({ of: PARTITA, against, bar: { atMost: 1 } })),
    ])
  }
  report.print()
  await measureFirstCall(urls[0] as string)
  await measureWholeBundle()
  stop()
}
