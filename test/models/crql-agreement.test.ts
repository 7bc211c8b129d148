/** The compiler and the run time read CRQL alike: random queries, correct and damaged, are read by both. */
import fc from 'fast-check'
import { connect } from 'partita'
import { expect, it } from 'vitest'
import { compile } from '../../bench/src/compiler.js'
import { models } from './crql-models.js'

/** The compiler reads the models from the same file. */
const HEAD = `import { connect } from 'partita'
import { models } from '../../../../test/models/crql-models.js'
const db = await connect({ models })
`

const PATHS = {
  User: ['_id', 'userId', 'email', 'alias', 'tags', 'tags.0'],
  Team: [
    '_id',
    'teamId',
    'ownerId',
    'roles.userId',
    'roles.0.in.list',
    'roles.in.list.1.2',
    'byName.anyone.userId',
    'json',
    'json.a.0.b',
    'size',
  ],
  Pair: ['a', 'b'],
}
const MATCHES = { User: ['_id', 'userId', 'email', 'alias'], Team: ['_id', 'teamId'], Pair: ['a', 'b'] }
type Name = keyof typeof PATHS

const name = fc.constantFrom<Name>('User', 'Team', 'Pair')
const anyPath = fc.constantFrom(
  ...Object.values(PATHS).flat(),
  'nothing',
  '__proto__',
  'constructor',
  'length',
  '"a b"',
)
const pathOf = (of: Name) =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...PATHS[of]) }, { weight: 1, arbitrary: anyPath })
const rooted = (path: fc.Arbitrary<string>) => fc.tuple(fc.constantFrom('', '', '@'), path).map(parts => parts.join(''))
const ends = (of: Name) => fc.array(rooted(pathOf(of)), { minLength: 1, maxLength: 3 }).map(paths => paths.join(','))

const chain = fc.array(name, { minLength: 1, maxLength: 4 }).chain(names =>
  fc
    .tuple(
      ...names.map((of, i) => {
        const previous = names[i - 1]
        const target = rooted(previous ? pathOf(previous) : fc.constantFrom('x', 'x.y.0', 'ü'))
        return fc.tuple(target, fc.constantFrom(...MATCHES[of])).map(([from, match]) => `${of}(${from}).${match}`)
      }),
      ends(names[names.length - 1] as Name),
    )
    .map(parts => parts.join('->')),
)
const direct = name.chain(of =>
  fc.array(fc.constantFrom(...MATCHES[of]), { minLength: 1 }).map(paths => `${of}.${paths.join(',')}`),
)
/** White space between tokens. */
const spaced = (query: fc.Arbitrary<string>) =>
  fc
    .tuple(query, fc.infiniteStream(fc.constantFrom('', '', '', ' ', '\n', '\t\u00a0 ', '\u2028')))
    .map(([text, spaces]) =>
      text.replace(/->|"[^"]*"|[().,@]/g, sign => `${spaces.next().value}${sign}${spaces.next().value}`),
    )
/** A character removed, replaced or added. */
const damaged = (query: fc.Arbitrary<string>) =>
  fc
    .tuple(query, fc.nat(), fc.constantFrom('', '.', ',', '(', ')', '->', '@', ' ', 'x', '"', '0'), fc.nat(1))
    .map(([text, at, put, cut]) => {
      const offset = at % (text.length + 1)
      return `${text.slice(0, offset)}${put}${text.slice(offset + cut)}`
    })
const query = fc.oneof(spaced(direct), spaced(chain), spaced(chain), damaged(spaced(chain)), damaged(direct))

it('the compiler refuses no query that the run time accepts, and none of unknown names passes it', async () => {
  await using db = await connect({ models, store: 'memory:' })
  const texts = [...new Set(fc.sample(query, { numRuns: 400, seed: 19 }))]
  const accepted: string[] = []
  const unknown: string[] = []
  for (const text of texts) {
    const message = await db.crql(text, []).then(
      () => undefined,
      error => String(error.message),
    )
    if (message === undefined) accepted.push(text)
    else if (/is not a (field of|connected model)/.test(message) && !text.includes('"')) unknown.push(text)
  }
  expect(accepted.length).toBeGreaterThan(90)
  expect(unknown.length).toBeGreaterThan(25)
  const call = (text: string) => `await db.crql(${JSON.stringify(text)}, [])`
  const lines = [...accepted.map(call), ...unknown.map(text => `// @ts-expect-error\n${call(text)}`)]
  await compile('crql-agreement', `${HEAD}${lines.join('\n')}\n`)
})
