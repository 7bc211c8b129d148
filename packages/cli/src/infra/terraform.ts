/** A table as a resource of Terraform or OpenTofu, with the AWS provider. */
import type { IndexDefinition, KeySchema, TableDefinition } from 'partita/store'
import { attributesOf } from './cloudformation.js'
import { snakeName } from './names.js'

/** The resource, in HCL as `terraform fmt` writes it. */
export function terraform({ name, key, globalIndexes = {}, timeToLive }: TableDefinition): string {
  const indexes = Object.entries(globalIndexes)
  const attributes = new Map(
    [key, ...indexes.map(([, index]) => index)].flatMap(attributesOf).map(({ name, type }) => [name, type]),
  )
  const blocks = [
    [...attributes].map(([name, type]) => block('attribute', { name: quoted(name), type: quoted(type) })),
    indexes.map(([name, index]) =>
      block('global_secondary_index', { name: quoted(name), ...keyOf(index), ...projectionOf(index) }),
    ),
    timeToLive === undefined ? [] : [block('ttl', { attribute_name: quoted(timeToLive), enabled: 'true' })],
    [block('point_in_time_recovery', { enabled: 'true' })],
    [block('lifecycle', { prevent_destroy: 'true' })],
  ].flat()
  const settings = {
    name: quoted(name),
    billing_mode: quoted('PAY_PER_REQUEST'),
    ...keyOf(key),
    deletion_protection_enabled: 'true',
  }
  const body = [lines(settings, '  '), ...blocks].join('\n\n')
  return `resource "aws_dynamodb_table" "${snakeName(name)}" {\n${body}\n}\n`
}

function keyOf({ partition, sort }: KeySchema) {
  return { hash_key: quoted(partition.name), ...(sort && { range_key: quoted(sort.name) }) }
}

function projectionOf({ projection = 'all' }: IndexDefinition): Readonly<Record<string, string>> {
  if (projection === 'all') return { projection_type: quoted('ALL') }
  if (projection === 'keysOnly') return { projection_type: quoted('KEYS_ONLY') }
  return {
    projection_type: quoted('INCLUDE'),
    non_key_attributes: `[${projection.include.map(quoted).join(', ')}]`,
  }
}

function block(name: string, settings: Readonly<Record<string, string>>): string {
  return `  ${name} {\n${lines(settings, '    ')}\n  }`
}

function lines(settings: Readonly<Record<string, string>>, indent: string): string {
  const width = Math.max(...Object.keys(settings).map(name => name.length))
  return Object.entries(settings)
    .map(([name, value]) => `${indent}${name.padEnd(width)} = ${value}`)
    .join('\n')
}

/** A string of HCL, in which `${` and `%{` begin templates. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, '$&$&')
}
