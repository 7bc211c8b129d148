/** Models on DynamoDB with canned responses: the overhead of each library above the SDK's commands. */
import { baoMapper } from '../mappers/bao.js'
import { documentMapper } from '../mappers/document.js'
import { electrodbMapper } from '../mappers/electrodb.js'
import { LOW_LEVEL, lowLevelMapper } from '../mappers/low-level.js'
import { OPERATIONS, operation, prove, record } from '../mappers/mapper.js'
import { onetableMapper } from '../mappers/onetable.js'
import { PARTITA, partitaMapper } from '../mappers/partita.js'
import { toolboxMapper } from '../mappers/toolbox.js'
import { compare, cpuCost, type Pace } from '../measure.js'
import { Report } from '../report.js'

const MAPPERS = [
  partitaMapper,
  lowLevelMapper,
  documentMapper,
  electrodbMapper,
  toolboxMapper,
  onetableMapper,
  baoMapper,
]
/** Many short rounds: differences of 10% are small compared with the noise of the machine. */
const PACE: Pace = { rounds: 31, milliseconds: 40, warmUp: 800 }
const POSTS = 25

export async function measureMappers(): Promise<void> {
  const subjects = await Promise.all(MAPPERS.map(make => record(make, POSTS)))
  for (const subject of subjects) await prove(subject)
  const names = subjects.map(({ mapper }) => mapper.name)
  const report = new Report('Models on DynamoDB with canned answers', 'microseconds of CPU', names)
  for (const name of OPERATIONS) {
    const contenders = subjects.map(subject => ({ name: subject.mapper.name, operation: operation(subject, name) }))
    const others = names.filter(other => other !== PARTITA && other !== LOW_LEVEL)
    report.add(name, 1, await compare(contenders, 1, cpuCost, PACE), [
      { of: PARTITA, against: LOW_LEVEL, bar: { atMost: 1.1 } },
      ...others.map(against => ({ of: PARTITA, against, bar: { atMost: 1 } })),
    ])
  }
  report.print()
  console.log('\n  dynamo-bao reads an item before it updates it, so its update is two requests.')
}
