/** The cost of CRQL literals for the compiler, which also reads those of others: it must stay bounded. */
import { expect, it } from 'vitest'
import { compile } from '../../bench/src/compiler.js'

const HEAD = `import { connect, f, model } from 'partita'
const A = model('A', {
  fields: { id: f.string(), list: f.list(f.map({ id: f.string() })), json: f.json() },
  key: 'id',
})
`
const HOP = 'A(json)._id->'
/** Correct queries, as long and as nested as the compiler checks them, and longer. */
const ACCEPTED = [
  `${HOP.repeat(38)}id`,
  `${' '.repeat(250)}A.id${' \n'.repeat(120)}`,
  `A(x${'\t'.repeat(400)})._id->id`,
  `A.${'id,'.repeat(165)}id`,
  `A.json${'.a'.repeat(240)}`,
  `A(x)._id->json${'.0'.repeat(240)}`,
  `A.${'id,'.repeat(6000)}id`,
  `${HOP.repeat(10_000)}id`,
]
const REJECTED = [
  `${HOP.repeat(38)}no`,
  '('.repeat(500),
  '->'.repeat(250),
  '.'.repeat(500),
  'A.__proto__',
  'A.constructor',
  'constructor.id',
  'A.ключ',
]
/** For all of them, and for one query over two hops in the rules of one more model. */
const [MOST, MOST_EACH] = [200_000, 1000]

it(`long and hostile query literals cost the compiler at most ${MOST} instantiations`, async () => {
  const call = (text: string) => `await db.crql(${JSON.stringify(text)}, [])`
  const lines = [...ACCEPTED.map(call), ...REJECTED.map(text => `// @ts-expect-error\n${call(text)}`)]
  const module = `${HEAD}const db = await connect({ models: { A } })\n${lines.join('\n')}\n`
  const { instantiations } = await compile('crql-literals', module)
  expect(instantiations).toBeGreaterThan(1000)
  expect(instantiations).toBeLessThanOrEqual(MOST)
})

it(`a query over two hops in the rules of a model costs the compiler at most ${MOST_EACH} instantiations`, async () => {
  const names = Array.from({ length: 20 }, (_, i) => `M${i}`)
  const cost = async (rules: string) => {
    const models = names.map(
      name => `const ${name} = model('${name}', { fields: { id: f.string() }, key: 'id', rules: ${rules} })\n`,
    )
    const connected = `await connect({ models: { A, ${names.join(', ')} } })\n`
    return (await compile('crql-rules', `${HEAD}${models.join('')}${connected}`)).instantiations
  }
  const without = await cost(`{ permissions: 'http' }`)
  const added = await cost(`{ permissions: 'http', references: { id: 'A(@id)._id->A(@id)._id->list.id' } }`)
  expect(added).toBeGreaterThan(without)
  expect((added - without) / names.length).toBeLessThanOrEqual(MOST_EACH)
})
