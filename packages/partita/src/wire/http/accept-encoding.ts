/** Chooses the content coding of an answer from `Accept-Encoding`, as AWS does. */

/** A content coding that the server can compress answers with. */
export type Coding = 'gzip' | 'deflate'

/** In the order in which AWS prefers them if a client accepts all. */
const CODINGS: readonly Coding[] = ['gzip', 'deflate']

/**
 * The coding with the highest weight; the first of several. A weight of 0 excludes a coding, an invalid weight counts
 * as 1, and `*` matches codings that are not named. `identity` is ignored: AWS compresses whenever it may.
 *
 * @param header `Accept-Encoding`. @returns undefined if the client accepts neither coding.
 */
export function acceptedCoding(header: string | undefined): Coding | undefined {
  if (!header) return undefined
  const weights = new Map<string, number>()
  for (const part of header.split(',')) {
    const [name = '', ...parameters] = part.split(';').map(it => it.trim().toLowerCase())
    weights.set(name, Math.max(weightOf(parameters), weights.get(name) ?? 0))
  }
  const any = weights.get('*') ?? 0
  const named = [...weights.keys()].filter((name): name is Coding => CODINGS.includes(name as Coding))
  const others = CODINGS.filter(coding => !weights.has(coding))
  let best: Coding | undefined
  let most = 0
  for (const coding of [...named, ...others]) {
    const weight = weights.get(coding) ?? any
    if (weight > most) {
      best = coding
      most = weight
    }
  }
  return best
}

/** From 0 to 1. */
function weightOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=')
    if (parameter.slice(0, Math.max(equals, 0)).trim() !== 'q') continue
    const weight = Number(parameter.slice(equals + 1))
    return Number.isNaN(weight) ? 1 : Math.min(Math.max(weight, 0), 1)
  }
  return 1
}
