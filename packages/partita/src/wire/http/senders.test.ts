import { describe, expect, it } from 'vitest'
import { Hold } from './body.js'
import { networkOf, Senders } from './senders.js'

describe('the address of a connection', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ])('%j counts as %j', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('the connections of one address share one limit, and other addresses have their own', () => {
    const senders = new Senders(100)
    const one = senders.open('10.0.0.1')
    const [first, second] = [new Hold(one), new Hold(senders.open('10.0.0.1'))]
    expect(first.take(60)).toBe(true)
    expect(second.take(41)).toBe(false)
    expect(new Hold(senders.open('10.0.0.2')).take(100)).toBe(true)
    first.release(20)
    expect(second.take(41)).toBe(true)
    second.leave(one)
    expect(first.take(60)).toBe(true)
    expect(second.take(1000)).toBe(true)
    second.release()
    first.release()
    expect(one.bytes).toBe(0)
  })

  it('an address is forgotten with its last connection', () => {
    const senders = new Senders(100)
    const one = senders.open('10.0.0.1')
    expect(senders.open('10.0.0.1')).toBe(one)
    senders.close('10.0.0.1', one)
    expect(senders.open('10.0.0.1')).toBe(one)
    senders.close('10.0.0.1', one)
    senders.close('10.0.0.1', one)
    expect(senders.open('10.0.0.1')).not.toBe(one)
  })
})
