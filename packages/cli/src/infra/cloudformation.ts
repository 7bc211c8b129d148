/** A table as a template of AWS CloudFormation. */
import type { IndexDefinition, KeyAttribute, KeySchema, TableDefinition } from 'partita/store'
import { stringify } from 'yaml'
import { pascalName } from './names.js'

/** The template, as YAML. */
export function cloudFormation(table: TableDefinition): string {
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `The table ${table.name}, as its models need it.`,
    Resources: {
      [pascalName(table.name)]: {
        Type: 'AWS::DynamoDB::Table',
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: properties(table),
      },
    },
  }
  return stringify(template, { lineWidth: 0, version: '1.1' })
}

function properties({ name, key, globalIndexes = {}, timeToLive }: TableDefinition) {
  const indexes = Object.entries(globalIndexes)
  const attributes = new Map<string, KeyAttribute>()
  for (const attribute of [key, ...indexes.map(([, index]) => index)].flatMap(attributesOf)) {
    attributes.set(attribute.name, attribute)
  }
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes.values()].map(it => ({ AttributeName: it.name, AttributeType: it.type })),
    KeySchema: keySchema(key),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map(([name, index]) => ({
        IndexName: name,
        KeySchema: keySchema(index),
        Projection: projection(index),
      })),
    }),
    ...(timeToLive !== undefined && { TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true } }),
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    DeletionProtectionEnabled: true,
  }
}

function keySchema({ partition, sort }: KeySchema) {
  return [
    { AttributeName: partition.name, KeyType: 'HASH' },
    ...(sort ? [{ AttributeName: sort.name, KeyType: 'RANGE' }] : []),
  ]
}

function projection({ projection = 'all' }: IndexDefinition) {
  if (projection === 'all') return { ProjectionType: 'ALL' }
  if (projection === 'keysOnly') return { ProjectionType: 'KEYS_ONLY' }
  return { ProjectionType: 'INCLUDE', NonKeyAttributes: [...projection.include] }
}

/** The attributes of a key: one or two. */
export function attributesOf({ partition, sort }: KeySchema): readonly KeyAttribute[] {
  return sort ? [partition, sort] : [partition]
}
