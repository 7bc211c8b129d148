/** Placeholders in the configuration of databases: `${NAME}` is the environment variable NAME. */
import type { Environment } from '../types/databases.js'

const NAME = /^(?:gestalt\.)?(?:environment\.)?([A-Za-z_][A-Za-z0-9_]*)$/

/**
 * Replaces the placeholders of a text. Only names of variables are understood, and only own properties of the environment
 * count, so a placeholder can neither run code nor reach a member of every object. Values are inserted as text and not
 * searched for placeholders again.
 *
 * @returns the text; or what is wrong with it, without the value of any variable, which may be a secret.
 */
export function fillPlaceholders(
  text: string,
  environment: Environment,
): { readonly text: string } | { readonly problems: readonly string[] } {
  const problems: string[] = []
  let filled = ''
  let at = 0
  for (let open = text.indexOf('${'); open >= 0; open = text.indexOf('${', at)) {
    filled += text.slice(at, open)
    const close = text.indexOf('}', open)
    if (close < 0) {
      problems.push(`has a placeholder without its closing brace at offset ${open}`)
      at = text.length
      break
    }
    const inner = text.slice(open + 2, close)
    filled += variable(inner, environment, problems)
    at = close + 1
  }
  return problems.length > 0 ? { problems } : { text: filled + text.slice(at) }
}

function variable(inner: string, environment: Environment, problems: string[]): string {
  const [, name] = NAME.exec(inner) ?? []
  if (name === undefined) {
    problems.push(`has the placeholder \${${inner}}, which is not \${NAME} or \${gestalt.environment.NAME}`)
    return ''
  }
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined
  if (typeof value === 'string' && value !== '') return value
  problems.push(`has the placeholder \${${inner}}, but the environment variable ${name} is not set`)
  return ''
}
