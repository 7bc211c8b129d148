/** The JSON Schema that the package publishes for editors. */
import { format } from 'prettier'
import { FILE } from './grammar.js'
import { type JsonSchema, jsonSchemaOf } from './json-schema.js'

/** Path of the published file in the package. A YAML file names it by `# yaml-language-server: $schema=`. */
export const SCHEMA_PATH = 'schema/models.schema.json'

/** The schema, from the same description of the grammar that files are checked by. */
export function publishedSchema(): JsonSchema {
  return jsonSchemaOf(FILE, `https://unpkg.com/@partita/cli/${SCHEMA_PATH}`, 'Models of Partita')
}

/** The text of the published file. */
export function publishedText(): Promise<string> {
  return format(JSON.stringify(publishedSchema(), null, 2), { parser: 'json', printWidth: 120 })
}
