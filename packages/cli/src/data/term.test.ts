import { describe, expect, it } from 'vitest'
import { Usage } from '../failure.js'
import { isTerm, nameOf, parseTerm, type Term, type TermOperator } from './term.js'

const ALL: TermOperator[] = ['=', '!=', '>', '>=', '<', '<=', '~', '!~', '^=', '+=', '-=']
const parse = (argument: string): Term => parseTerm(argument, ALL)

describe('terms', () => {
  it.each([
    ['name=Ada', 'name', '=', 'Ada'],
    ['name=', 'name', '=', ''],
    ['createdAt>=2026-01-01', 'createdAt', '>=', '2026-01-01'],
    ['a<b=c', 'a', '<', 'b=c'],
    ['a<=b', 'a', '<=', 'b'],
    ['a!=b', 'a', '!=', 'b'],
    ['title~Notes', 'title', '~', 'Notes'],
    ['title!~Notes', 'title', '!~', 'Notes'],
    ['sk^=POST#', 'sk', '^=', 'POST#'],
    ['views+=1', 'views', '+=', '1'],
    ['views-=-1', 'views', '-=', '-1'],
    ['first-name=Ada', 'first-name', '=', 'Ada'],
    ['address.city=Lyon', 'address.city', '=', 'Lyon'],
    ['url=https://a.example/?q=1', 'url', '=', 'https://a.example/?q=1'],
    ['name= a b\n', 'name', '=', ' a b\n'],
  ])('the term %j has the path %j, the operator %s and the text %j', (argument, path, operator, text) => {
    expect(parse(argument)).toEqual({ path, operator, text, isJson: false })
  })

  it.each([
    ['views:=5', 'views', '=', '5'],
    ['views:>=5', 'views', '>=', '5'],
    ['tags:+=["a"]', 'tags', '+=', '["a"]'],
  ] as const)('a colon before the operator says that the value is JSON: %j', (argument, path, operator, text) => {
    expect(parse(argument)).toEqual({ path, operator, text, isJson: true })
  })

  it.each([
    ['"a=b"=c', 'a=b'],
    ['"a.b[0]"=c', 'a.b[0]'],
    ['"a\\"b"=c', 'a"b'],
    ['"$x":=1', '$x'],
    ['"a:"=c', 'a:'],
    ['"__proto__"=c', '__proto__'],
  ])('a name in double quotes can contain every character: %j', (argument, name) => {
    expect(nameOf(parse(argument))).toBe(name)
  })

  it.each(['User', 'Post.byAuthor', '', '=', '=x', '"a=b"', '"a=b', '"a"b=c'])(
    'the argument %j is not a term',
    argument => expect(isTerm(argument)).toBe(false),
  )

  it('an operator that the command does not take is refused with those that it takes', () => {
    expect(() => parseTerm('a~b', ['=', '>'])).toThrow(new Usage('"a~b" has the operator ~; here it can be = >'))
    expect(() => parseTerm('User', ['='])).toThrow('"User" has no value; write it as name=value')
  })

  it('a part of a value is no whole field', () => {
    expect(() => nameOf(parse('address.city=Lyon'))).toThrow('"address.city" is a part of "address"')
  })
})
