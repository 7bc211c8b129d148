import { partitaSource } from './partita.js'
import { forEach, type Source } from './source.js'

/**
 * The program of {@link partitaSource}, with every type that the library infers written by hand, as generated code would: the
 * least that the compiler needs to check the same calls and object literals.
 */
export const plainSource: Source = {
  library: 'written by hand',
  definitions: models => `
${SHARED}
${forEach(models, interfaces)}
interface Database { ${Array.from({ length: models }, (_, i) => `M${i + 1}: Repository${i + 1}`).join('; ')} }
${partitaSource.definitions(models).replace(/import .*/, '')}`,
  uses: models =>
    (partitaSource.uses?.(models) ?? '').replace(/const models = .*\nconst db = .*/, 'declare const db: Database'),
}

const SHARED = `
interface Field<T> { readonly type: T; auto(): Field<T>; default(value: T): Field<T>; optional(): Field<T | undefined> }
declare const f: {
  ulid(): Field<string>; string(): Field<string>; ref(model: string): Field<string>; email(): Field<string>
  enum(...values: string[]): Field<string>; counter(): Field<number>; boolean(): Field<boolean>
  list(element: Field<string>): Field<string[]>; createdAt(): Field<Date>
}
interface Definition {
  fields: { [name: string]: unknown }
  key: { pk: string }
  unique: { [name: string]: string[] }
  indexes: { [name: string]: { on: string; pk: string; sk: string } }
  relations: { [name: string]: unknown }
}
declare function model(name: string, definition: Definition): unknown
declare function one(model: string, field: string): unknown
declare function add(number: number): { readonly add: number }
interface Query<Row> { page(): Promise<{ items: Row[] }> }
type Role = 'admin' | 'editor' | 'member'`

function interfaces(n: number): string {
  const fields = 'orgId: string; ownerId: string; email: string; tags: string[]'
  const optional = fields.replaceAll(':', '?:')
  return `
interface Row${n} { id: string; ${fields}; role: Role; views: number; active: boolean; createdAt: Date; note${n}?: string }
interface Input${n} { ${fields}; id?: string; role?: Role; active?: boolean; note${n}?: string }
interface Change${n} {
  ${optional}; role?: Role; views?: number | { readonly add: number }; active?: boolean; note${n}?: string | null
}
interface Where${n} { role?: Role; views?: number | { $gte?: number }; email?: string | { $contains?: string } }
interface Repository${n} {
  create(input: Input${n}): Promise<Row${n}>
  get(key: { id: string }): Promise<Row${n} | undefined>
  update(key: { id: string }, changes: Change${n}, options?: { if?: Where${n} }): Promise<Row${n}>
  query: {
    byRole(
      key: { role: Role; createdAt?: Date | { $gte: Date } },
      options?: { where?: Where${n}; limit?: number },
    ): Query<Row${n}>
  }
}`
}
