/** Decoding of a large page, from DynamoDB's typed form to the objects of each library, without a request. */
import { baoMapper } from '../mappers/bao.js'
import { documentMapper } from '../mappers/document.js'
import { electrodbMapper } from '../mappers/electrodb.js'
import { type MakeMapper, proveDecoding, record } from '../mappers/mapper.js'
import { onetableMapper } from '../mappers/onetable.js'
import { PARTITA, partitaMapper } from '../mappers/partita.js'
import { toolboxMapper } from '../mappers/toolbox.js'
import { type Contender, compare, cpuCost, type Pace } from '../measure.js'
import { Report } from '../report.js'

/** The DocumentClient does only this to an item. */
const UNMARSHALL = 'SDK unmarshall'
const MAPPERS = [partitaMapper, electrodbMapper, toolboxMapper, onetableMapper, baoMapper]
const PACE: Pace = { rounds: 31, milliseconds: 60, warmUp: 600 }
const POSTS = 1000

export async function measureDecode(): Promise<void> {
  const contenders = [
    await decoding(documentMapper, UNMARSHALL),
    ...(await Promise.all(MAPPERS.map(make => decoding(make)))),
  ]
  const names = contenders.map(({ name }) => name)
  const report = new Report(`A page of ${POSTS} items into records`, 'microseconds of CPU', names)
  const claims = names.filter(name => name !== PARTITA).map(against => ({ of: PARTITA, against, bar: { atMost: 1 } }))
  report.add('decode', 1, await compare(contenders, 1, cpuCost, PACE), claims)
  report.print()
}

async function decoding(make: MakeMapper, name?: string): Promise<Contender> {
  const subject = await record(make, POSTS)
  await proveDecoding(subject)
  const { mapper, page } = subject
  return { name: name ?? mapper.name, operation: () => mapper.decode?.(page) }
}
