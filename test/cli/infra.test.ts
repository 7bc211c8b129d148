/** `partita infra`: what it prints creates the table that the models need. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodb } from 'partita/dynamodb'
import { memory } from 'partita/embedded'
import { createServer } from 'partita/wire'
import ts from 'typescript'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { parse } from 'yaml'
import { call } from './in-process.js'
import { MODELS, project } from './project.js'

beforeEach(() => {
  for (const name of ['PARTITA_TABLE', 'PARTITA_CONFIG', 'PARTITA_MODELS']) vi.stubEnv(name, '')
  onTestFinished(() => void vi.unstubAllEnvs())
})

async function infra(format: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await call('infra', format, ...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

const HOSTILE = ['--table', 'my-app.v2', '--key', `a"b:S,\${x}:N`, '--index', `by-it=it's\\n:B`, '--ttl', '%{y}']

describe('partita infra cloudformation', () => {
  it.each([
    ['the models', ['--models', 'models.ts', '--table', 'app']],
    ['flags with hostile names', HOSTILE],
  ])('the template creates the table of %s', async (_, args) => {
    project({ 'models.ts': MODELS })
    const template = parse(await infra('cloudformation', ...args))
    expect(template.AWSTemplateFormatVersion).toBe('2010-09-09')
    const [id, ...others] = Object.keys(template.Resources)
    expect({ id, others }).toEqual({ id: expect.stringMatching(/^[A-Za-z0-9]+$/), others: [] })
    const resource = template.Resources[id as string]
    expect(resource).toMatchObject({
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    })
    const { TimeToLiveSpecification, PointInTimeRecoverySpecification, ...input } = resource.Properties
    expect(PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true })
    const expected = memory()
    const actual = memory()
    const server = createServer(actual, { port: 0 })
    const endpoint = await server.listen()
    const client = new DynamoDBClient({
      endpoint,
      region: 'x',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    onTestFinished(async () => {
      client.destroy()
      await server.close()
      await Promise.all([actual.close(), expected.close()])
    })
    await client.send(new CreateTableCommand(input))
    const name = args.at(args.indexOf('--table') + 1) as string
    const created = await actual.describeTable(name)
    const { error, data } = JSON.parse((await call('infra', 'cloudformation', ...args, '--json')).stdout)
    expect(error).toBeUndefined()
    expect(parse(data.definition)).toEqual(template)
    const description = await tableOf(args)
    expect({ ...created, timeToLive: TimeToLiveSpecification?.AttributeName }).toEqual(description)
  })
})

/** The table that `partita table create` makes with the same arguments. */
async function tableOf(args: readonly string[]) {
  const store = memory()
  const server = createServer(store, { port: 0 })
  const endpoint = await server.listen()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b')
  const client = dynamodb({ endpoint, region: 'local' })
  try {
    const url = `dynamodb://${new URL(endpoint).host}?region=local`
    const { code, stderr } = await call('table', 'create', '--store', url, ...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('created the table') })
    const found = await store.describeTable(args.at(args.indexOf('--table') + 1) as string)
    return { ...found, timeToLive: found?.timeToLive }
  } finally {
    await client.close()
    await server.close()
    await store.close()
  }
}

describe('partita infra terraform', () => {
  it('the resource is formatted as terraform fmt writes it', async () => {
    project({ 'models.ts': MODELS })
    const text = await infra(
      'terraform',
      '--table',
      'app',
      '--key',
      'pk:S,sk:N',
      '--index',
      'gsi1=a:S',
      '--ttl',
      'ends',
    )
    expect(text).toBe(`resource "aws_dynamodb_table" "app" {
  name                        = "app"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = true

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "N"
  }

  attribute {
    name = "a"
    type = "S"
  }

  global_secondary_index {
    name            = "gsi1"
    hash_key        = "a"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "ends"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}
`)
  })

  it('names cannot begin a template or end a string', async () => {
    project({})
    const text = await infra('terraform', ...HOSTILE)
    expect(text).toContain('resource "aws_dynamodb_table" "my_app_v2" {')
    expect(text).toContain(String.raw`hash_key                    = "a\"b"`)
    expect(text).toContain('range_key                   = "$${x}"')
    expect(text).toContain('attribute_name = "%%{y}"')
  })
})

describe('partita infra cdk', () => {
  it.each([
    ['the models', ['--models', 'models.ts', '--table', 'app']],
    ['flags with hostile names', HOSTILE],
  ])('the module of %s is TypeScript whose texts are the names of the table', async (_, args) => {
    project({ 'models.ts': MODELS })
    const text = await infra('cdk', ...args)
    const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true })
    expect(diagnostics).toEqual([])
    const texts: string[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteral(node)) texts.push(node.text)
      ts.forEachChild(node, visit)
    }
    visit(ts.createSourceFile('table.ts', text, ts.ScriptTarget.Latest, true))
    const names =
      args === HOSTILE ? ['my-app.v2', 'a"b', `${'$'}{x}`, 'by-it', "it's\\n", '%{y}'] : ['app', 'pk', 'gsi2sk']
    expect(texts).toEqual(expect.arrayContaining(names))
    expect(text).toMatch(/export function add(App|MyAppV2)Table\(scope: Construct\): TableV2/)
  })
})
