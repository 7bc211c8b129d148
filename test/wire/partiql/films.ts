/** Tables of films and notes for statements, and a wire to send them to. */
import { engineStore } from '../../../packages/partita/src/embedded/engine-store.js'
import { type EmbeddedStore, memory } from '../../../packages/partita/src/embedded/index.js'
import { answer, type Wire } from '../../../packages/partita/src/wire/dispatch.js'

// biome-ignore lint/suspicious/noExplicitAny: answers are JSON of many shapes, which the assertions check.
export type Json = any
export type Ask = (operation: string, input: object) => Promise<{ readonly status: number; readonly body: Json }>

export const TABLES = [
  {
    TableName: 'partiql-films',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'maker', AttributeType: 'S' },
      { AttributeName: 'year', AttributeType: 'N' },
      { AttributeName: 'genre', AttributeType: 'S' },
      { AttributeName: 'title', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'maker', KeyType: 'HASH' },
      { AttributeName: 'year', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byGenre',
        KeySchema: [
          { AttributeName: 'genre', KeyType: 'HASH' },
          { AttributeName: 'year', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'byTitle',
        KeySchema: [
          { AttributeName: 'maker', KeyType: 'HASH' },
          { AttributeName: 'title', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  },
  {
    TableName: 'partiql-notes',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  },
]

const FILMS = [
  `{'maker': 'Varda', 'year': 1962, 'title': 'Cleo', 'genre': 'drama', 'cast': ['Marchand'], 'facts': {'minutes': 90, 'tags': <<'paris', 'new wave'>>}}`,
  `{'maker': 'Varda', 'year': 1985, 'title': 'Vagabond', 'genre': 'drama', 'cast': ['Bonnaire', 'Meril'], 'prize': NULL}`,
  `{'maker': 'Varda', 'year': 2000, 'title': 'Gleaners', 'genre': 'documentary', 'facts': {'minutes': 82}}`,
  `{'maker': 'Akerman', 'year': 1975, 'title': 'Jeanne Dielman', 'genre': 'drama', 'facts': {'minutes': 201}}`,
  `{'maker': 'Denis', 'year': 1999, 'title': 'Beau Travail', 'genre': 'drama', 'score': 9.25}`,
]

/** Creates the tables on a server, with their first items. */
export async function prepare(on: Ask): Promise<void> {
  for (const table of TABLES) await on('CreateTable', table)
  for (const film of FILMS) await on('ExecuteStatement', { Statement: `INSERT INTO "partiql-films" VALUE ${film}` })
  await on('ExecuteStatement', {
    Statement: `INSERT INTO "partiql-notes" VALUE {'id': 'n', 'count': 1, 'set': <<1, 2>>, 'list': [1], 'map': {'a': {'b': 1}}}`,
  })
}

/** A wire with these tables, and shorthands for requests. */
export class Films {
  readonly #store: EmbeddedStore
  readonly #wire: Wire

  private constructor(store: EmbeddedStore) {
    this.#store = store
    this.#wire = { store: engineStore(store), region: 'eu-west-1', now: Date.now }
  }

  static async open(): Promise<Films> {
    const films = new Films(memory({ sweepInterval: 0 }))
    await prepare(films.ask)
    return films
  }

  readonly ask: Ask = async (operation, input) => {
    const { status, body } = await answer(this.#wire, `DynamoDB_20120810.${operation}`, JSON.stringify(input))
    return { status, body: JSON.parse(body) }
  }

  readonly execute = (Statement: string, more: object = {}) => this.ask('ExecuteStatement', { Statement, ...more })

  readonly items = async (statement: string, more: object = {}): Promise<Json> =>
    (await this.execute(statement, more)).body.Items

  close(): Promise<void> {
    return this.#store.close()
  }
}

/** The name and message of a refusal. */
export async function refusal(answered: ReturnType<Ask>): Promise<string> {
  const { body } = await answered
  return `${body.__type?.split('#')[1]}: ${body.message ?? body.Message}`
}
