/** Relations between models, as data. What they load is in `relations/`. */

/** To one row, whose key this row's fields hold. */
export interface OneRelation<Target extends string = string> {
  readonly kind: 'one'
  readonly target: Target
  /** A field that holds the target's one key field, or the fields for each of its key fields. */
  readonly fields: string | Readonly<Record<string, string>>
}

/** To the rows of another model that an index, or the key of that model, lists together. */
export interface ManyRelation<Target extends string = string> {
  readonly kind: 'many'
  readonly target: Target
  readonly index: string
  /** For fields of the index's partition, the fields of this row, where their names differ. */
  readonly fields: Readonly<Record<string, string>> | undefined
}

/** To the rows at the far side of a model that stands for pairs. */
export interface ThroughRelation<Target extends string = string, Via extends string = string> {
  readonly kind: 'through'
  readonly target: Target
  /** The model of the pairs. */
  readonly via: Via
  /** The index of the pairs, or `key`, that lists those of this row. */
  readonly index: string
  readonly fields: Readonly<Record<string, string>> | undefined
  /** The relation of the pair that leads to the far side; needed where it has several to the target. */
  readonly to: string | undefined
}

export type AnyRelation = OneRelation | ManyRelation | ThroughRelation

/**
 * The row whose key a field of this one holds; of a model with several key fields, the field for each.
 *
 * @example one('User', 'authorId')
 * @example one('Member', { orgId: 'orgId', userId: 'ownerId' })
 */
export function one<const Target extends string>(
  target: Target,
  fields: string | Readonly<Record<string, string>>,
): OneRelation<Target> {
  return { kind: 'one', target, fields }
}

/**
 * The rows of another model that one of its indexes, or its `key`, lists under this row. The fields of the index's
 * partition are taken from this row's fields of the same name, from its key where they are a `ref` to this model, or
 * as `fields` says.
 *
 * @example many('Post', 'byAuthor')
 * @example many('Post', 'byEditor', { editorId: 'userId' })
 */
export function many<const Target extends string>(
  target: Target,
  index: string,
  fields?: Readonly<Record<string, string>>,
): ManyRelation<Target> {
  return { kind: 'many', target, index, fields }
}

/**
 * The rows at the far side of a model of pairs: `index` of that model lists the pairs of this row, and its relation
 * `to` leads on.
 *
 * @example through('Tag', 'PostTag', 'byPost')
 * @example through('User', 'Follow', 'byFollower', { to: 'followed' })
 */
export function through<const Target extends string, const Via extends string>(
  target: Target,
  via: Via,
  index: string,
  { fields, to }: { readonly fields?: Readonly<Record<string, string>>; readonly to?: string } = {},
): ThroughRelation<Target, Via> {
  return { kind: 'through', target, via, index, fields, to }
}
