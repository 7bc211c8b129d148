/** Asks for the choices of a new project that no option made. */
import { isCancel, select, text } from '@clack/prompts'
import { DEFAULT_STORE } from '../config/settings.js'
import type { Context } from '../context.js'
import { NeedsConfirmation } from '../failure.js'
import { DEFAULT_TABLE } from '../session/store-session.js'
import { canAsk } from '../terminal/confirm.js'
import type { Template } from './templates.js'

/** What the options of `partita init` say; undefined where they say nothing. */
export interface InitFlags {
  readonly template?: Template
  readonly store?: string
  readonly table?: string
  readonly yes?: true
}

/** The choices that do not depend on the folder. */
export interface Choices {
  readonly template: Template
  readonly store: string
  readonly table: string
}

const DEFAULTS: Choices = { template: 'typescript', store: DEFAULT_STORE, table: DEFAULT_TABLE }

/**
 * The choices of the options. On a terminal, a call without options asks; otherwise what no option says is the default.
 * @throws NeedsConfirmation if the user leaves the questions. Nothing was created then.
 */
export async function choose({ yes, ...flags }: InitFlags, { input, screen }: Context): Promise<Choices> {
  const terminal = { input, output: screen }
  if (yes || Object.keys(flags).length > 0 || !canAsk(terminal)) return { ...DEFAULTS, ...flags }
  const template = answered(
    await select<Template>({
      ...terminal,
      message: 'How do you describe your models?',
      options: [
        { value: 'typescript', label: 'TypeScript' },
        { value: 'javascript', label: 'JavaScript' },
        { value: 'yaml', label: 'YAML', hint: 'TypeScript is generated' },
        { value: 'active-record', label: 'YAML, with active records', hint: 'JavaScript classes are generated' },
      ],
    }),
  )
  const store = answered(
    await text({ ...terminal, message: 'Where is the data? (a URL)', initialValue: DEFAULTS.store }),
  )
  const table = answered(await text({ ...terminal, message: 'Name of the table', initialValue: DEFAULTS.table }))
  return { template, store, table }
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new NeedsConfirmation('stopped; nothing was created')
  return answer as Exclude<T, symbol>
}
