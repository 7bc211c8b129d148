/** Operations on the tags of tables. */
import type { KnownTable } from '../../../embedded/catalog.js'
import type { Operation, Wire } from '../../dispatch.js'
import { AwsError, invalidValues, validation } from '../../protocol/aws-error.js'
import type { Tag } from './inputs.js'
import { TAGS } from './shapes.js'
import { awsMetadataOf, changeAwsMetadata } from './table-metadata.js'

const MOST_TAGS = 50
const ARN_PARTS = 6
const KEY_CHARACTERS = 128
const VALUE_CHARACTERS = 256
/** Number of characters of a token that an error shows. */
const SHOWN_TOKEN = 256
/** Letters, digits and spaces of any script, and some punctuation. */
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

const RESOURCE_ARN = { type: 'string' } as const

/** `TagResource`: adds tags to a table, and overwrites those with the same key. */
export const tagResource: Operation = {
  input: { type: 'structure', members: { ResourceArn: RESOURCE_ARN, Tags: TAGS } },
  async run(wire, { ResourceArn: arn, Tags: tags = [] }: { ResourceArn?: string; Tags?: readonly Tag[] }) {
    const name = tableOfArn(wire, arn)
    if (tags.length === 0) throw validation('Atleast one Tag needs to be provided as Input.')
    const added = checkTags(tags)
    const table = wire.store.table(name)
    if (!table) throw notThere(arn)
    await changeTags(wire, name, before => {
      const all = new Map([...before, ...added])
      if (all.size > MOST_TAGS) throw tooMany()
      return [...all]
    })
    return undefined
  },
}

/** `UntagResource`: removes tags from a table by key. */
export const untagResource: Operation = {
  input: {
    type: 'structure',
    members: { ResourceArn: RESOURCE_ARN, TagKeys: { type: 'list', of: { type: 'string' } } },
  },
  async run(wire, { ResourceArn: arn, TagKeys: keys = [] }: { ResourceArn?: string; TagKeys?: readonly string[] }) {
    const name = tableOfArn(wire, arn)
    if (keys.length === 0) throw validation('Atleast one Tag Key needs to be provided as Input.')
    for (const key of keys) checkTagKey(key)
    if (keys.length > MOST_TAGS) throw tooMany()
    if (!wire.store.table(name)) throw new AwsError('ResourceNotFoundException', 'Requested resource not found')
    await changeTags(wire, name, before => before.filter(([key]) => !keys.includes(key)))
    return undefined
  },
}

/** `ListTagsOfResource`: all tags of a table. */
export const listTagsOfResource: Operation = {
  input: { type: 'structure', members: { ResourceArn: RESOURCE_ARN, NextToken: { type: 'string' } } },
  run(wire, { ResourceArn: arn, NextToken: token }: { ResourceArn?: string; NextToken?: string }) {
    const table = wire.store.table(tableOfArn(wire, arn))
    if (!table) throw notThere(arn)
    // One answer contains all tags that a table can have, so the server never returns a token.
    if (token !== undefined) throw validation(`Invalid NextToken: ${token.slice(0, SHOWN_TOKEN)}`)
    return { Tags: tagsOf(table).map(([Key, Value]) => ({ Key, Value })) }
  },
}

/** Checks the tags of a new table. @throws AwsError */
export function checkTags(tags: readonly Tag[]): [key: string, value: string][] {
  const checked = new Map<string, string>()
  for (const { Key: key, Value: value } of tags) {
    checkTagKey(key)
    if (value === undefined || value.length > VALUE_CHARACTERS || !CHARACTERS.test(value)) {
      throw validation(`The Tag Value provided is invalid, Value: ${value ?? null}`)
    }
    if (checked.has(key)) {
      throw validation(`Duplicate Tag Keys provided as input: Duplicate Tag Key found ${key}`)
    }
    checked.set(key, value)
  }
  if (checked.size > MOST_TAGS) throw tooMany()
  return [...checked]
}

function checkTagKey(key: string | null | undefined): asserts key is string {
  if (!key || key.length > KEY_CHARACTERS || !CHARACTERS.test(key)) {
    throw validation(`The Tag Key provided is invalid, Key: ${key ?? null}`)
  }
  if (/^aws:/i.test(key)) throw validation(`Tag Key cannot be prefixed with aws:, Key: ${key}`)
}

function tagsOf(table: KnownTable): readonly (readonly [string, string])[] {
  return awsMetadataOf(table).tags ?? []
}

async function changeTags(
  wire: Wire,
  name: string,
  change: (tags: readonly (readonly [string, string])[]) => (readonly [string, string])[],
): Promise<void> {
  await wire.store.changeMetadata(
    name,
    changeAwsMetadata(settings => ({ ...settings, tags: change(settings.tags ?? []) })),
  )
}

function tableOfArn({ region }: Wire, arn: string | undefined): string {
  if (arn === undefined) throw validation('Invalid TableArn')
  if (!arn.startsWith('arn:')) throw invalidValues(`ARNs must start with 'arn:': ${arn}`)
  const [, , service, arnRegion, , resource, ...rest] = arn.split(':', ARN_PARTS + 1)
  const [kind, name = '', part] = (resource ?? '').split('/', 3)
  if (service !== 'dynamodb' || kind !== 'table' || part === 'backup') {
    throw invalidValues(`Provided Arn is not a DynamoDB resource arn: ${arn}`)
  }
  if (part !== undefined) {
    throw invalidValues(
      `Invalid resource arn provided, only table or stream is accepted. Provided resource arn: ${arn}`,
    )
  }
  if (arnRegion !== region || rest.length > 0 || !/^[a-zA-Z0-9_.-]{3,255}$/.test(name)) {
    throw validation(`Invalid TableArn: Invalid ResourceArn provided as input ${arn}`)
  }
  return name
}

function notThere(arn: string | undefined): AwsError {
  return new AwsError('ResourceNotFoundException', `Requested resource not found: ResourcArn: ${arn} not found`)
}

function tooMany(): AwsError {
  return validation('Number of Tags exceed the current limit for the provided ResourceArn')
}
