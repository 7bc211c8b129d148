/** `partita doctor`: examines the project, its store and its table. Nothing is changed. */
import type { Command } from 'commander'
import { openStore } from 'partita'
import { readSettings, type Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { CommandFailure } from '../failure.js'
import type { LoadedModels } from '../models/load.js'
import { tableOfModels } from '../models/table-of-models.js'
import { nameStore } from '../session/location.js'
import { addModelsOption, addRowOptions, addStoreOptions, type ModelOptions } from '../session/options.js'
import { announce, DEFAULT_TABLE, withProfile } from '../session/store-session.js'
import { withExamples } from '../terminal/examples.js'
import { printable } from '../terminal/printable.js'
import { type Finding, messageOf, problem } from './finding.js'
import { modelFindings, versionFindings } from './project.js'

const NOTES = `
Examines the versions, the configuration, the models, the store (folder, locks and disk, or region, credentials and
endpoint), and whether the table and its rows are as the models need them. Each finding that needs something to be done
comes with its remedy. Nothing is changed.
Exit codes: 0 no problem, 1 problems found, 2 usage error.`

/** Adds the command `doctor` to the program. */
export function addDoctorCommand(program: Command, context: Context): void {
  const command = program
    .command('doctor')
    .description('examine the project, its store and its table, with a remedy for each finding')
    .addHelpText('after', NOTES)
  withExamples(command, 'partita doctor', 'partita doctor --store dynamodb://eu-west-1 --profile prod')
  addRowOptions(addModelsOption(addStoreOptions(command))).action((options: ModelOptions) => doctor(options, context))
}

async function doctor(options: ModelOptions, context: Context): Promise<void> {
  const settings = await readSettings(options)
  const findings = await withProfile(settings.profile, () => examine(settings, context))
  const problems = findings.filter(({ status }) => status === 'problem')
  const failure = () => {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    return new CommandFailure('Unhealthy', `${count} found; see the remedies`, 1, { findings })
  }
  const { output } = context
  if (options.json) {
    if (problems.length > 0) throw failure()
    return output.success({ findings })
  }
  if (options.jsonl) await output.rows(each(findings), { jsonl: true })
  else await output.data(findings.map(findingText).join(''))
  if (problems.length > 0) throw failure()
}

async function examine(settings: Settings, context: Context): Promise<Finding[]> {
  const [aboutModels, loaded] = await modelFindings(settings)
  return [...versionFindings(), ...aboutModels, ...(await examineStore(settings, loaded, context))]
}

async function examineStore(
  settings: Settings,
  loaded: LoadedModels | undefined,
  context: Context,
): Promise<Finding[]> {
  const named = nameStore(settings)
  const { url, folder, shown } = named
  const table = settings.table ?? DEFAULT_TABLE
  announce(named, table, context)
  const findings: Finding[] = []
  const drift = async (store: Awaited<ReturnType<typeof openStore>>): Promise<Finding[]> => {
    if (!loaded) return []
    const { driftFindings } = await import('./drift.js')
    const wanted = await tableOfModels(loaded, settings.layout, table)
    return driftFindings(store, wanted, { ...loaded, layout: loaded.layout ?? settings.layout })
  }
  if (folder !== undefined) {
    const { localFindings } = await import('./local-store.js')
    const [found, store] = localFindings(folder)
    findings.push(...found)
    try {
      if (store) findings.push(...(await drift(store)))
    } finally {
      await store?.close()
    }
  } else if (url !== 'memory:') {
    const { credentialFindings, reachFinding } = await import('./aws.js')
    findings.push(...(await credentialFindings(url, settings.profile)))
    // Without a region or credentials, the store would only repeat that.
    if (findings.some(({ status }) => status === 'problem')) return findings
    const store = await opened(url, shown, findings)
    if (!store) return findings
    try {
      const reach = await reachFinding(store, table, shown)
      findings.push(reach)
      if (reach.status === 'ok') findings.push(...(await drift(store)))
    } finally {
      await store.close()
    }
  }
  return findings
}

/** The store; undefined, and a finding, if it cannot be opened: the package of its engine may be missing. */
async function opened(url: string, shown: string, findings: Finding[]) {
  try {
    return await openStore(url)
  } catch (error) {
    const remedy = 'install what the message names, or name another store: --store, PARTITA_STORE or partita.config'
    findings.push(problem('store', `${shown} cannot be opened: ${messageOf(error)}`, remedy))
    return undefined
  }
}

function findingText({ check, status, message, remedy }: Finding): string {
  const line = `${status.padEnd(9)}${check}: ${printable(message)}\n`
  return remedy === undefined ? line : `${line}${' '.repeat(9)}remedy: ${printable(remedy)}\n`
}

async function* each(findings: readonly Finding[]): AsyncGenerator<Readonly<Record<string, unknown>>> {
  for (const finding of findings) yield { ...finding }
}
