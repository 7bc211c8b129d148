/**
 * The same models in the words of several libraries, as program text: ten fields, two indexes, and a unique constraint
 * where the library has them. Each model has a name and a field of its own, so that no type can serve two.
 */
export interface Source {
  readonly library: string
  /** A module that defines so many models, `M1` and on. */
  definitions(models: number): string
  /** More lines of that module, which create, read, change and query each model. */
  uses?(models: number): string
}

/** Lines for each model, numbered from 1. */
export function forEach(models: number, lines: (model: number) => string): string {
  return Array.from({ length: models }, (_, i) => lines(i + 1)).join('\n')
}
