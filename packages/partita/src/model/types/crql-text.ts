/**
 * CRQL queries that the compiler checks: their syntax, their models and their paths, where a query is a literal text and the
 * models are known. Types that can never be equal, and matches without an index, are found when the models are connected.
 *
 * Each type evaluates to a message, or to `''` if nothing is wrong. Recursion is bounded by {@link IsLong}, and
 * continues in tail position only, for which the compiler's limit is 1,000 steps. Longer texts, texts that are no literals,
 * and texts with quoted names are accepted here, and checked at run time.
 */
import type { AnyModel, FieldsOf, KeyFieldNames, ModelsOf } from '../define/definition.js'
import type { FieldShape } from '../define/field.js'
import type { CompileError } from './compile-error.js'

/** Whether a text has 512 characters or more, counted in steps of 8. */
type IsLong<
  Text extends string,
  Steps extends readonly unknown[] = [],
> = Text extends `${infer _1}${infer _2}${infer _3}${infer _4}${infer _5}${infer _6}${infer _7}${infer _8}${infer Rest}`
  ? Steps['length'] extends 63
    ? true
    : IsLong<Rest, [...Steps, 1]>
  : false

/** All that the parser skips between tokens: `\s` of a regular expression. */
type Space =
  | ' '
  | '\n'
  | '\r'
  | '\t'
  | '\v'
  | '\f'
  | '\u00a0'
  | '\u1680'
  | '\u2000'
  | '\u2001'
  | '\u2002'
  | '\u2003'
  | '\u2004'
  | '\u2005'
  | '\u2006'
  | '\u2007'
  | '\u2008'
  | '\u2009'
  | '\u200a'
  | '\u2028'
  | '\u2029'
  | '\u202f'
  | '\u205f'
  | '\u3000'
  | '\ufeff'

type Trimmed<Text extends string> = Text extends `${Space}${infer Rest}`
  ? Trimmed<Rest>
  : Text extends `${infer Rest}${Space}`
    ? Trimmed<Rest>
    : Text

/** `true` for a literal text that is checked. A mapped type over any other text has an index signature, which `{}` satisfies. */
type IsChecked<Text extends string> =
  Record<never, never> extends Readonly<Record<Text, 1>>
    ? false
    : Text extends `${string}"${string}`
      ? false
      : IsLong<Text> extends true
        ? false
        : true

/** Discriminates a start that no model describes: the contexts of `db.crql`. */
interface AnyStart {
  readonly isAny: true
}

/** What relative paths of the first hop start from: a part of a row, of which only the type is known. */
interface PartStart<M extends AnyModel, Part> {
  readonly model: M
  readonly part: Part
}

/** What paths start from that have no part: the row itself. */
interface RowStart<M extends AnyModel> {
  readonly model: M
}

/**
 * What is wrong with a query.
 *
 * @typeParam Start what the first hop starts from.
 */
type QueryMistake<All extends ModelsOf<All>, Text extends string, Start> =
  IsChecked<Text> extends false
    ? ''
    : Text extends `${infer Hop}->${infer Rest}`
      ? ChainMistake<All, Hop, Rest, Start>
      : Text extends `${string}(${string}`
        ? 'the chain ends without paths; add -> and what to read'
        : Text extends `${infer Name}.${infer Paths}`
          ? Trimmed<Name> extends keyof All & string
            ? PathsMistake<All[Trimmed<Name>], Paths>
            : NoModel<Name>
          : 'a query is written Model.path or Model(path).path->path'

type NoModel<Name extends string> = `${Trimmed<Name>} is not a connected model`

type ChainMistake<
  All extends ModelsOf<All>,
  Hop extends string,
  Rest extends string,
  Start,
> = Hop extends `${infer Name}(${infer Target})${infer Between}.${infer Match}`
  ? Trimmed<Between> extends ''
    ? Trimmed<Name> extends keyof All & string
      ? TargetMistake<Start, Target> extends ''
        ? MatchMistake<All[Trimmed<Name>], Match> extends ''
          ? Rest extends `${infer Next}->${infer After}`
            ? ChainMistake<All, Next, After, RowStart<All[Trimmed<Name>]>>
            : Rest extends `${string}(${string}`
              ? 'the chain ends without paths; add -> and what to read'
              : PathsMistake<All[Trimmed<Name>], Rest>
          : MatchMistake<All[Trimmed<Name>], Match>
        : TargetMistake<Start, Target>
      : NoModel<Name>
    : HopSyntax
  : HopSyntax

type HopSyntax = 'a hop is written Model(path).path; only the last step has bare paths'

/** What is wrong with the path in parentheses. */
type TargetMistake<Start, Target extends string> = Start extends { readonly model: infer M extends AnyModel }
  ? Trimmed<Target> extends `@${infer Path}`
    ? PathMistake<M, Path>
    : Start extends { readonly part: infer Part }
      ? PartMistake<Part, Target>
      : PathMistake<M, Target>
  : ''

type MatchMistake<M extends AnyModel, Match extends string> = Match extends `${string},${string}`
  ? 'only the last step of a chain can name several paths'
  : PathMistake<M, Match>

/** What is wrong with the paths of a last step. */
type PathsMistake<M extends AnyModel, Paths extends string> = Paths extends `${infer Path},${infer Rest}`
  ? PathMistake<M, WithoutRoot<Path>> extends ''
    ? PathsMistake<M, Rest>
    : PathMistake<M, WithoutRoot<Path>>
  : PathMistake<M, WithoutRoot<Paths>>

type WithoutRoot<Path extends string> = Trimmed<Path> extends `@${infer Rest}` ? Rest : Path

/** What is wrong with a path from a row. */
type PathMistake<M extends AnyModel, Path extends string> = Path extends `${infer First}.${infer Rest}`
  ? Trimmed<First> extends keyof Named<M>
    ? FieldMistake<Named<M>[Trimmed<First>], Rest>
    : NoField<First, M>
  : Trimmed<Path> extends keyof Named<M>
    ? ''
    : NoField<Path, M>

type NoField<Name extends string, M extends AnyModel> =
  Trimmed<Name> extends '' ? 'the name of a field is missing' : `${Trimmed<Name>} is not a field of ${M['name']}`

/** The fields of a model, and `_id` for its key if that is one field. */
type Named<M extends AnyModel> = FieldsOf<M> & KeyAlias<FieldsOf<M>, KeyFieldNames<M>>

type KeyAlias<Fields extends FieldShape, Key extends keyof Fields, Each = Key> = Each extends Key
  ? [Key] extends [Each]
    ? { readonly _id: Fields[Key] }
    : unknown
  : unknown

/** JSON and the values of validators have any parts. */
type FieldMistake<Given, Path extends string> = Given extends {
  readonly $kind: infer Kind
  readonly $read: infer Value
}
  ? Extract<Kind, 'json' | 'schema'> extends never
    ? PartMistake<Value, Path>
    : ''
  : ''

/** What is wrong with a path in a value: lists and sets stand for their elements, and digits choose one. */
type PartMistake<Value, Path extends string> = Path extends `${infer First}.${infer Rest}`
  ? HasPart<Value, Trimmed<First>> extends false
    ? NoPart<First>
    : PartMistake<PartOf<Value, Trimmed<First>>, Rest>
  : HasPart<Value, Trimmed<Path>> extends false
    ? NoPart<Path>
    : ''

type NoPart<Name extends string> =
  Trimmed<Name> extends '' ? 'the name of a field is missing' : `${Trimmed<Name>} is not a field there`

/** The elements of lists of lists. JSON can be nested without end: below eight levels, anything is accepted. */
type ElementsOf<Value, Depth extends readonly unknown[] = []> = Depth['length'] extends 8
  ? unknown
  : Value extends readonly (infer Element)[]
    ? ElementsOf<Element, [...Depth, unknown]>
    : Value extends ReadonlySet<infer Element>
      ? ElementsOf<Element, [...Depth, unknown]>
      : Value

type PartsOf<Value> = Value extends object ? keyof Value : never

type HasPart<Value, Name extends string> = Name extends `${number}` ? true : IsPart<ElementsOf<Value>, Name>

type IsPart<Value, Name extends string> = unknown extends Value ? true : Name extends PartsOf<Value> ? true : false

type PartOf<Value, Name extends string> = Name extends `${number}`
  ? Value extends readonly (infer Element)[]
    ? Element
    : unknown
  : ValueAt<ElementsOf<Value>, Name>

type ValueAt<Value, Name extends string> = unknown extends Value
  ? unknown
  : Value extends object
    ? Name extends keyof Value
      ? Value[Name]
      : never
    : never

/** What is wrong with the queries of the rules of all models. */
type RulesMistakes<All extends ModelsOf<All>> = {
  [Name in keyof All]: All[Name]['definition'] extends { readonly rules: infer Rules }
    ? QueriesMistakes<All, All[Name], 'references', Rules> | QueriesMistakes<All, All[Name], 'limits', Rules>
    : never
}[keyof All]

type QueriesMistakes<All extends ModelsOf<All>, M extends AnyModel, Kind extends string, Rules> = Rules extends {
  readonly [K in Kind]: infer Queries
}
  ? {
      [Path in keyof Queries & string]: Labelled<
        `${M['name']}.rules.${Kind}.${Path}`,
        TextMistake<All, TextsOf<Queries[Path]>, StartOf<M, Path>> | PathMistake<M, Path>
      >
    }[keyof Queries & string]
  : never

type TextsOf<Given> = Extract<Given extends readonly (infer Text)[] ? Text : Given, string>

/** Each text for itself. */
type TextMistake<All extends ModelsOf<All>, Text extends string, Start> = Text extends unknown
  ? QueryMistake<All, Text, Start>
  : never

type Labelled<Label extends string, Mistake extends string> = Mistake extends '' ? never : `${Label}: ${Mistake}`

/** What the relative paths of a rule's queries start from: for `roles.userId` an element of `roles`. */
type StartOf<M extends AnyModel, Path extends string> = Path extends `${infer Field}.${infer Rest}`
  ? FieldsOf<M>[Field] extends { readonly $kind: infer Kind; readonly $read: infer Value }
    ? PartStart<M, Extract<Kind, 'json' | 'schema'> extends never ? WithoutLast<Value, Rest> : unknown>
    : RowStart<M>
  : RowStart<M>

type WithoutLast<Value, Path extends string> = Path extends `${infer First}.${infer Rest}`
  ? WithoutLast<PartOf<Value, First>, Rest>
  : Value

/** The check of the rules of connected models: `unknown` if all queries in them are correct, else messages. */
export type CheckedRules<All extends ModelsOf<All>> = [RulesMistakes<All>] extends [infer Mistakes extends string]
  ? [Mistakes] extends [never]
    ? unknown
    : { readonly models: CompileError<Mistakes> }
  : unknown

/** The check of a query of `db.crql`: `unknown` if it is correct, else a message. */
export type CheckedQuery<All extends ModelsOf<All>, Text extends string> = [
  Exclude<TextMistake<All, Text, AnyStart>, ''>,
] extends [never]
  ? unknown
  : CompileError<Exclude<TextMistake<All, Text, AnyStart>, ''>>
