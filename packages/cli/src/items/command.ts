/** `partita items`: category/key items from the terminal and from scripts. */
import type { Command } from 'commander'
import type { Context } from '../context.js'
import { withExamples } from '../terminal/examples.js'
import { addDelete } from './delete.js'
import { addExport } from './export.js'
import { addGet } from './get.js'
import { addImport } from './import.js'
import { addList } from './list.js'
import { addPut } from './put.js'

const NOTES = `
Values that JSON cannot express are tagged: {"$bytes": "<base64>"}, {"$set": [...]}, {"$number": "<digits>"}.
With --json, stdout is {"ok":true,"data":...} or {"ok":false,"error":{"code","message","details"}}.
Exit codes: 0 success, 1 error, 2 usage error, 4 not confirmed.`

/** Adds `items` and its subcommands to the program. */
export function addItemsCommand(program: Command, context: Context): void {
  const items = program.command('items').description('list, get, put, delete, import and export category/key items')
  items.addHelpText('after', NOTES)
  withExamples(items, 'partita items list order', 'partita items export order --out orders.jsonl')
  for (const add of [addList, addGet, addPut, addDelete, addImport, addExport]) add(items, context)
}
