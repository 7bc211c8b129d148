import { expect, it } from 'vitest'
import type { Store } from '../../store/store.js'
import { openRoots, type Root } from './open-roots.js'

interface Watched extends Root {
  readonly opened: Store
  opens: number
  closes: number
}

function root({ isOwn = true, closing = async () => {} } = {}): Watched {
  const opened = {
    async close() {
      watched.closes++
      await closing()
    },
  } as Store
  const watched: Watched = {
    isOwn,
    opened,
    opens: 0,
    closes: 0,
    async open() {
      watched.opens++
      return opened
    },
  }
  return watched
}

it('opens a root that several databases share once, and closes it once, however often it is closed', async () => {
  const [a, b] = [root(), root()]
  const roots = await openRoots([a, b, a, a])
  expect([roots.store(a), roots.store(b)]).toEqual([a.opened, b.opened])
  await Promise.all([roots.close(), roots.close()])
  await roots.close()
  expect([a.opens, b.opens, a.closes, b.closes]).toEqual([1, 1, 1, 1])
})

it('closing the roots does not close a store that the program opened', async () => {
  const [own, others] = [root(), root({ isOwn: false })]
  const roots = await openRoots([own, others])
  await roots.close()
  expect([own.closes, others.closes]).toEqual([1, 0])
})

it('closes what it opened if a later root does not open', async () => {
  const [a, others] = [root({ closing: () => Promise.reject(new Error('of closing')) }), root({ isOwn: false })]
  const broken: Root = { isOwn: true, open: () => Promise.reject(new Error('is locked')) }
  await expect(openRoots([a, others, broken])).rejects.toThrow('is locked')
  expect([a.closes, others.closes]).toEqual([1, 0])
})

it('closes all roots, even if one of them fails, and throws that error', async () => {
  const [a, b] = [root({ closing: () => Promise.reject(new Error('disk')) }), root()]
  const roots = await openRoots([a, b])
  await expect(roots.close()).rejects.toThrow('disk')
  expect([a.closes, b.closes]).toEqual([1, 1])
})
