/** dynamo-bao has no types. These are the ones that its test uses. */
declare module 'dynamo-bao' {
  interface Field {
    readonly required: boolean
  }
  type MakeField = (options: { readonly required: boolean }) => Field
  type Configuration = object

  interface ModelClass {
    new (): object
    modelPrefix: string
    fields: Readonly<Record<string, Field>>
    primaryKey: Configuration
    indexes: Readonly<Record<string, Configuration>>
    uniqueConstraints: Readonly<Record<string, Configuration>>
    create(values: object): Promise<object>
    find(key: object): Promise<object>
    update(key: object, changes: object, options: { readonly condition: object }): Promise<object>
    delete(key: object): Promise<object>
    queryByIndex(index: string, partition: string, range: object): Promise<{ readonly items: object[] }>
  }

  const bao: {
    readonly BaoModel: ModelClass
    readonly fields: Readonly<Record<'StringField' | 'CounterField', MakeField>>
    PrimaryKeyConfig(partition: string, sort: string): Configuration
    IndexConfig(partition: string, sort: string, index: string): Configuration
    UniqueConstraintConfig(field: string, place: string): Configuration
    initModels(config: {
      readonly aws: { readonly region: string }
      readonly db: { readonly tableName: string }
      readonly models: Readonly<Record<string, ModelClass>>
    }): void
  }
  export default bao
}
