/** What an expression says that cannot be, whatever the item is; told with the name of the expression before it. */
export class RuleError extends Error {
  override readonly name = 'Refusal'
}
