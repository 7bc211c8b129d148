/** Replaces every part of a valid request, one at a time, by common mistakes. */
import { placesOf, print, put, siblingsOf, toNode } from './json.js'
import type { FuzzRequest } from './requests.js'
import type { Seed } from './seeds.js'

const REPLACEMENTS = ['null', '[null]', '{"":null}', '[]', '{}', '""', '0', 'true', '[{}]'] as const

/** One tree produces all of them and is restored after each. */
export function* replacedRequests({ target, body }: Seed): Generator<FuzzRequest> {
  const root = toNode(body)
  for (const place of placesOf(root)) {
    for (const text of REPLACEMENTS) {
      put(place, { kind: 'plain', text })
      yield { target, body: print(root) }
    }
    put(place, place.node)
    const siblings = siblingsOf(place)
    const left = siblings.splice(place.index, 1)
    yield { target, body: print(root) }
    siblings.splice(place.index, 0, ...left)
  }
}
