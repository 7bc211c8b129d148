/** Finds the range of an issue of the library in the file that the model was read from. */
import type { ModelDescription, ModelSet, SourceRange } from './model-set.js'

/**
 * The range of the part that a path names, such as `['User', 'fields', 'email', 'default']`, else of the nearest part around
 * it; undefined if the path begins with no model or collection.
 */
export function rangeOfIssue(set: ModelSet, path: readonly (string | number)[]): SourceRange | undefined {
  const [owner, part, name] = path
  const model = set.models.find(it => it.name === owner)
  if (!model) return set.collections.find(it => it.name === owner)?.at
  return rangeOfPart(model, String(part), String(name)) ?? model.at
}

function rangeOfPart(model: ModelDescription, part: string, name: string): SourceRange | undefined {
  const named = (items: readonly { readonly name: string; readonly at: SourceRange }[]): SourceRange | undefined =>
    items.find(item => item.name === name)?.at
  switch (part) {
    case 'fields':
      return named(model.fields)
    case 'key':
      return model.key.at
    case 'indexes':
      return named(model.indexes)
    case 'unique':
      return named(model.unique)
    case 'relations':
      return named(model.relations)
    case 'rules':
      return model.rules?.at
    default:
      return undefined
  }
}
