/** Texts that come again: programs send few expressions, each many times. */

/** Longer ones are read anew each time, so that what is kept stays small whoever sends it. */
const MAX_TEXT = 512
const MAX_TREES = 200

/** A reader that keeps its latest trees. They depend on nothing but the text, and nobody changes them. */
export function remember<Tree>(read: (text: string) => Tree): (text: string) => Tree {
  const trees = new Map<string, Tree>()
  return text => {
    const known = trees.get(text)
    if (known !== undefined) return known
    const tree = read(text)
    if (text.length > MAX_TEXT) return tree
    if (trees.size >= MAX_TREES) trees.clear()
    trees.set(text, tree)
    return tree
  }
}
