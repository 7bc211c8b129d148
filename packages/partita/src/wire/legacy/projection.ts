/** AttributesToGet. */
import type { Projection } from '../../expression/ast.js'
import { invalidValues, validation } from '../protocol/aws-error.js'
import type { LegacyInput } from './input.js'

/** Names always denote top-level attributes, also with dots and brackets. @throws AwsError */
export function legacyProjection({ AttributesToGet: names }: LegacyInput): Projection | undefined {
  if (names === undefined || names.length === 0) return undefined
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw invalidValues(`Duplicate value in attribute name: ${name}`)
    if (name === '') throw validation('Empty attribute name')
    seen.add(name)
  }
  return names.map(name => [name] as const)
}
