/** dynamo-bao has no types of its own; these are what the bench uses. */
declare module 'dynamo-bao' {
  interface Field {
    readonly required: boolean
  }
  type MakeField = (options: { readonly required: boolean }) => Field

  interface PrimaryKey {
    readonly pk: string
    readonly sk: string
  }

  interface ModelClass {
    new (): object
    modelPrefix: string
    fields: Readonly<Record<string, Field>>
    primaryKey: PrimaryKey
    /** Its client, once models are initialized. */
    readonly documentClient: { readonly client: { endpoint: string } }
    create(values: object): Promise<object>
    find(key: object): Promise<object>
    update(key: object, changes: object, options: { readonly condition: object }): Promise<object>
    queryByPrimaryKey(partition: string): Promise<{ readonly items: object[] }>
    /** Takes a plain item, as its own client unmarshalls it. */
    _createFromDyItem(item: object): object
  }

  const bao: {
    readonly BaoModel: ModelClass
    readonly fields: Readonly<Record<'StringField' | 'FloatField' | 'BooleanField' | 'CounterField', MakeField>>
    PrimaryKeyConfig(partition: string, sort: string): PrimaryKey
    initModels(config: {
      readonly aws: { readonly region: string }
      readonly db: { readonly tableName: string }
      readonly models: Readonly<Record<string, ModelClass>>
    }): void
  }
  export default bao
}

declare module 'dynamo-bao/src/dynamodb-client.js' {
  const client: { unmarshall(value: object): unknown }
  export default client
}
