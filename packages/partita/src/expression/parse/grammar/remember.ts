/** Caches parsed expressions: programs send few different expressions, each many times. */

/** Longer texts are not cached, which bounds the memory that a sender can fill. */
const MAX_TEXT = 512
const MAX_TREES = 200

/** A reader that caches its trees. A tree depends only on the text and is never modified. */
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
