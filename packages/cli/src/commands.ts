/**
 * The table of commands. The help, the nearest command to a mistyped one, shell completion and the reference in the
 * documentation are made from it. Each command is loaded only when it is called, so that the help and a server start fast.
 */
import type { Command } from 'commander'
import type { Context } from './context.js'

/** Adds a command to the program. Its name and description are those of the table. */
type AddCommand = (program: Command, context: Context) => void

/** One command of the table. */
export interface CommandEntry {
  readonly name: string
  /** The heading that the help lists the command under. */
  readonly group: string
  readonly summary: string
  readonly load: () => Promise<AddCommand>
}

const STORES = 'Stores:'
const SERVERS = 'Servers:'
const DATA = 'Data:'
const PROJECT = 'Project:'
/** The heading that the help lists the help itself under. */
export const HELP = 'Help:'
const TRANSFER = 'Import and export:'

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'init',
    group: PROJECT,
    summary: 'create a project with models and a program that runs',
    load: async () => (await import('./init/command.js')).addInitCommand,
  },
  {
    name: 'dev',
    group: PROJECT,
    summary: 'generate and check models whenever they change',
    load: async () => (await import('./dev/command.js')).addDevCommand,
  },
  {
    name: 'get',
    group: DATA,
    summary: 'print one row by its key',
    load: async () => (await import('./data/get.js')).addGetCommand,
  },
  {
    name: 'find',
    group: DATA,
    summary: 'print one row by the values of a unique constraint',
    load: async () => (await import('./data/find.js')).addFindCommand,
  },
  {
    name: 'query',
    group: DATA,
    summary: 'print the rows of one partition of a model, of an index or of a table',
    load: async () => (await import('./data/query.js')).addQueryCommand,
  },
  {
    name: 'list',
    group: DATA,
    summary: 'print the rows of a model, or the items of a table, in no particular order',
    load: async () => (await import('./data/list.js')).addListCommand,
  },
  {
    name: 'put',
    group: DATA,
    summary: 'create or replace one row, and print it',
    load: async () => (await import('./data/put.js')).addPutCommand,
  },
  {
    name: 'update',
    group: DATA,
    summary: 'change fields of one row, and print it',
    load: async () => (await import('./data/update.js')).addUpdateCommand,
  },
  {
    name: 'delete',
    group: DATA,
    summary: 'delete one row by its key, and print its last state',
    load: async () => (await import('./data/delete.js')).addDeleteCommand,
  },
  {
    name: 'count',
    group: DATA,
    summary: 'print how many rows a model, a partition of an index, or a table has',
    load: async () => (await import('./data/count.js')).addCountCommand,
  },
  {
    name: 'explain',
    group: DATA,
    summary: 'print the request that a query would send to the store, and its expected cost',
    load: async () => (await import('./data/explain.js')).addExplainCommand,
  },
  {
    name: 'decode',
    group: DATA,
    summary: 'print the model, tenant and fields that a stored key stands for',
    load: async () => (await import('./data/decode.js')).addDecodeCommand,
  },
  {
    name: 'items',
    group: DATA,
    summary: 'list, get, put, delete, import and export category/key items',
    load: async () => (await import('./items/command.js')).addItemsCommand,
  },
  {
    name: 'codegen',
    group: PROJECT,
    summary: 'write the models of YAML files as TypeScript or JavaScript',
    load: async () => (await import('./codegen/command.js')).addCodegenCommand,
  },
  {
    name: 'seed',
    group: PROJECT,
    summary: 'put initial rows into a store; rows that exist are left unchanged',
    load: async () => (await import('./data/seed.js')).addSeedCommand,
  },
  {
    name: 'check',
    group: PROJECT,
    summary: 'check that the models are valid and can share a table',
    load: async () => (await import('./check/command.js')).addCheckCommand,
  },
  {
    name: 'table',
    group: PROJECT,
    summary: 'create, describe, compare or delete the table of the models',
    load: async () => (await import('./table/command.js')).addTableCommand,
  },
  {
    name: 'infra',
    group: PROJECT,
    summary: 'print the table of the models as infrastructure code',
    load: async () => (await import('./infra/command.js')).addInfraCommand,
  },
  {
    name: 'doctor',
    group: PROJECT,
    summary: 'examine the project, its store and its table, with a remedy for each finding',
    load: async () => (await import('./doctor/command.js')).addDoctorCommand,
  },
  {
    name: 'reindex',
    group: PROJECT,
    summary: 'write the index keys, unique markers and iteration keys that older rows lack, and upgrade them',
    load: async () => (await import('./models/reindex.js')).addReindexCommand,
  },
  {
    name: 'import',
    group: TRANSFER,
    summary: 'write the items of a file into a table or model',
    load: async () => (await import('./transfer/import.js')).addImportCommand,
  },
  {
    name: 'export',
    group: TRANSFER,
    summary: 'write the items of a table, or the rows of a model, to a file',
    load: async () => (await import('./transfer/export.js')).addExportCommand,
  },
  {
    name: 'dump',
    group: TRANSFER,
    summary: 'write tables with their definitions to a folder',
    load: async () => (await import('./transfer/stores/dump.js')).addDumpCommand,
  },
  {
    name: 'load',
    group: TRANSFER,
    summary: 'write the tables of a dump into a store',
    load: async () => (await import('./transfer/stores/load.js')).addLoadCommand,
  },
  {
    name: 'copy',
    group: TRANSFER,
    summary: 'copy tables from one store to another',
    load: async () => (await import('./transfer/stores/copy.js')).addCopyCommand,
  },
  {
    name: 'backup',
    group: STORES,
    summary: 'write a consistent copy of a store in use',
    load: async () => (await import('./store/backup.js')).addBackupCommand,
  },
  {
    name: 'restore',
    group: STORES,
    summary: 'verify a backup and copy it to a new store',
    load: async () => (await import('./store/restore.js')).addRestoreCommand,
  },
  {
    name: 'verify',
    group: STORES,
    summary: 'check that a whole store is consistent',
    load: async () => (await import('./store/verify.js')).addVerifyCommand,
  },
  {
    name: 'serve',
    group: SERVERS,
    summary: "serve a store over DynamoDB's protocol to any AWS SDK",
    load: async () => (await import('./serve/command.js')).addServeCommand,
  },
  {
    name: 'completion',
    group: HELP,
    summary: 'print a script that completes commands and options in a shell',
    load: async () => (await import('./completion/command.js')).addCompletionCommand,
  },
]
