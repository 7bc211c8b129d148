/** Every member in AWS's published model is either read or refused by its name. None is ignored. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Operation } from '../../packages/partita/src/wire/dispatch.js'
import { OPERATIONS } from '../../packages/partita/src/wire/operations/index.js'
import { readShape } from '../../packages/partita/src/wire/protocol/read-shape.js'
import type { Structure } from '../../packages/partita/src/wire/protocol/shape.js'
import { Fixture } from './fuzz/fixture.js'
import { type Seed, seeds } from './fuzz/seeds.js'
import { offeredMembers, publishedMembers } from './model/published.js'
import { rareRequests } from './model/rare-requests.js'
import { recorded } from './model/recorded.js'

const targets = Object.keys(OPERATIONS)
const operationOf = (target: string) => OPERATIONS[target] as Operation
const inputOf = (target: string): Structure => operationOf(target).input
const refusedBy = (target: string) =>
  [...offeredMembers(inputOf(target))].flatMap(([path, type]) => (type === 'refused' ? [path] : []))

it.each(targets)('%s has the members that AWS publishes with the same types, or refuses them', target => {
  const refused = refusedBy(target)
  const isWithin = (path: string) => refused.some(it => path.startsWith(`${it}.`) || path.startsWith(`${it}[`))
  const published = [...publishedMembers(target)].filter(([path]) => !isWithin(path))
  const expected = published.map(([path, type]) => [path, refused.includes(path) ? 'refused' : type])
  expect(Object.fromEntries(offeredMembers(inputOf(target)))).toEqual(Object.fromEntries(expected))
})

describe('the members of a request', () => {
  const fixture = new Fixture()
  const seen = new Map(targets.map(target => [target, new Set<string>()]))
  let requests: readonly Seed[] = []
  const bodyOf = (target: string) => requests.find(it => it.target === target)?.body

  beforeAll(async () => {
    const tokens = await fixture.renew()
    requests = [...seeds(tokens), ...rareRequests(tokens.streams, tokens.shards)]
    for (const { target, body } of requests) {
      const { input, run } = operationOf(target)
      const read = readShape(input, structuredClone(body))
      try {
        await run(fixture.wire, recorded(input, read, seen.get(target) as Set<string>))
      } catch {
        // A refused request has been read as well.
      }
    }
  })
  afterAll(() => fixture.store.close())

  it.each(targets)('%s reads every member that it supports', target => {
    const members = [...offeredMembers(inputOf(target))].filter(([path, type]) => {
      return type !== 'refused' && !path.endsWith('[]')
    })
    expect(members.map(([path]) => path).filter(path => !seen.get(target)?.has(path))).toEqual([])
  })

  it('a member that is not supported is refused by its name, whatever its value is', async () => {
    const refused = targets.flatMap(target => refusedBy(target).map(path => [target, path] as const))
    expect(refused.length).toBeGreaterThan(8)
    for (const [target, path] of refused) {
      for (const value of ['text', {}, { Create: {} }, [], [{ Create: {} }], true, false, 0, 1]) {
        const { status, body } = await fixture.answer(target, JSON.stringify({ ...bodyOf(target), [path]: value }))
        const { __type: type, message } = JSON.parse(body)
        expect([status, type]).toEqual([400, 'com.amazon.coral.validate#ValidationException'])
        expect(message).toMatch(new RegExp(`^Unsupported input parameter: ${path}\\. This server has no `))
      }
    }
  })

  it.each(targets)('%s ignores members that AWS does not have either, and members that are null', async target => {
    const names = Object.keys(inputOf(target).members)
    const nulls = Object.fromEntries(names.map(name => [name, null]))
    const input = structuredClone({ ...nulls, ...bodyOf(target), NobodyKnows: [{ a: 1 }] })
    expect(readShape(inputOf(target), input)).toEqual(readShape(inputOf(target), structuredClone(bodyOf(target))))
  })
})
