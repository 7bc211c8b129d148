/** The formats of files, and how a format is recognised. */
import { Usage } from '../../failure.js'

/**
 * `jsonl`: an item in each line, see `json/tagged-value.ts`. `dynamodb-json`: the same in DynamoDB's JSON. `csv`: a record
 * for each item, with names and types in the header. `s3-export`: a folder as DynamoDB exports it to Amazon S3.
 */
export type FileFormat = 'jsonl' | 'dynamodb-json' | 'csv' | 's3-export'

/** All formats, as `--format` takes them. */
export const FILE_FORMATS: readonly FileFormat[] = ['jsonl', 'dynamodb-json', 'csv', 's3-export']

/** The format that a file's name says; undefined if it says none. A name that ends in `.json` is either of two formats. */
export function formatOfName(path: string): FileFormat | undefined {
  const name = path.toLowerCase().replace(/\.gz$/, '')
  if (/\.(jsonl|ndjson)$/.test(name)) return 'jsonl'
  if (/\.(csv|tsv)$/.test(name)) return 'csv'
  return undefined
}

const TYPED_VALUE = /^\{\s*"(?:S|N|B|BOOL|NULL|SS|NS|BS|L|M)"\s*:/

/**
 * The format that the beginning of a file shows. JSON whose first attribute is an object with a type's name, or that has
 * `Item` or `Items` around it, is DynamoDB's.
 * @throws Usage if it shows none.
 */
export function formatOfText(head: string, path: string): FileFormat {
  const text = head.replace(/^\ufeff/, '').replace(/^\s*\[?\s*/, '')
  if (text === '') return 'jsonl'
  if (text.startsWith('{')) {
    const first = /^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*/.exec(text)
    const isWrapped = /^\{\s*"(?:Items?|Metadata|NewImage|Keys)"\s*:\s*[[{]/.test(text)
    return isWrapped || (first && TYPED_VALUE.test(text.slice(first[0].length))) ? 'dynamodb-json' : 'jsonl'
  }
  if (/^[^\n\r]*:(?:S|N|B|BOOL|NULL|SS|NS|BS|L|M)"?(?:[,;\t\n\r]|$)/.test(text)) return 'csv'
  throw new Usage(`the format of ${path} is not clear; use --format ${FILE_FORMATS.join('|')}`)
}
