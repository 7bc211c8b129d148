/** The events of operations say how many requests a call needed, and how many bytes they carried. */
import { expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import type { OperationEvent } from '../../packages/partita/src/index.js'
import type { Passing } from './fault-proxy.js'
import { describeEachServer } from './servers.js'
import { openProgram } from './writes.js'

describeEachServer('the traffic of calls', side => {
  it('the event of a call counts the attempts and the bytes of all its requests, also if it fails', async () => {
    const { program, proxy } = side()
    const events: OperationEvent[] = []
    const end = program.db.on('operation', event => events.push(event))
    const sent: Passing[] = []
    let faults: 'throttle'[] = ['throttle']
    proxy.decide = passing => {
      sent.push(passing)
      return faults.shift()
    }
    await program.db.Plain.put({ id: 'traffic', lines: ['x'.repeat(1000)] })
    const [put] = events.splice(0)
    expect(put).toMatchObject({ operation: 'write', attempts: 2, retries: 0 })
    expect(put?.sentBytes).toBe(sent.splice(0).reduce((sum, { body }) => sum + Buffer.byteLength(body), 0))
    await program.db.Plain.get({ id: 'traffic' })
    const [get] = events.splice(0)
    expect(get).toMatchObject({ operation: 'get', attempts: 1 })
    expect(get?.receivedBytes).toBeGreaterThan(1000)
    faults = ['throttle', 'throttle', 'throttle']
    await expect(program.db.Plain.get({ id: 'traffic' })).rejects.toMatchObject({ code: 'Throttled' })
    expect(events).toMatchObject([{ operation: 'get', attempts: 3, error: expect.anything() }])
    await program.db.Plain.getMany(Array.from({ length: 150 }, (_, i) => ({ id: `${i}` })))
    expect(events.at(-1)).toMatchObject({ operation: 'batchGet', attempts: 2 })
    end()
  })
})

it('the event of a call on an engine without a server counts none', async () => {
  const { db } = await openProgram(memory(), 'traffic', true)
  const events: OperationEvent[] = []
  db.on('operation', event => events.push(event))
  await db.Plain.get({ id: 'traffic' })
  expect(events).toMatchObject([{ attempts: 0, sentBytes: 0, receivedBytes: 0 }])
  await db.close()
})
