/** In which coding an answer may be sent, as AWS reads `Accept-Encoding`. */

/** A content coding that the server can compress answers with. */
export type Coding = 'gzip' | 'deflate'

/** In the order in which AWS prefers them where a client takes any. */
const CODINGS: readonly Coding[] = ['gzip', 'deflate']

/**
 * The coding that the client likes best; the first of several. A weight of 0 rules one out, one that is no number is 1,
 * and `*` is for those that are not named. `identity` does not count: AWS compresses for whoever takes another one too.
 *
 * @param header `Accept-Encoding`. @returns undefined where the client takes none of them.
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
