/** Prints the code frames of mistakes in files of models. */
import type { Context } from '../context.js'
import { BadModels } from './problem.js'

/** Calls a function, and prints the code frames on stderr if the models are wrong. The error is still thrown. */
export async function showFrames<T>({ screen }: Pick<Context, 'screen'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // The frames are safe to print as they are; a message would be put on one line.
    if (error instanceof BadModels) screen.write(`${error.frames.join('\n\n')}\n\n`)
    throw error
  }
}
