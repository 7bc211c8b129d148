/** Finds titles of tests that are not sentences with a subject of their own. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** The title of a test, with its position. */
export interface Title {
  /** Path below the searched folder. */
  readonly file: string
  readonly line: number
  readonly text: string
}

/** Functions that define a test. `absent` defines one for known problems of other libraries. */
const DEFINE_TESTS = ['it', 'test', 'absent']

/** First words of titles that continue a title of `describe`, instead of naming what behaves how. */
const WITHOUT_SUBJECT =
  /^(accepts|adds|allows|and|are|assigns|caches|can|creates|deletes|detects|distinguishes|does|ends|fails|finds|gives|goes|has|have|holds|includes|is|isolates|it|iterates|keeps|knows|lets|loads|makes|measures|never|not|of|promotes|refuses|rejects|removes|renames|returns|runs|says|sends|shares|shows|takes|tells|that|throws|was|which)\b/

const FEWEST_WORDS = 3

/** Titles below a folder that do not state a behaviour in a sentence. */
export function fragmentsBelow(folder: string): Title[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.(?:test|soak)\.ts$/.test(file) && !file.includes('node_modules'))
    .sort()
    .flatMap(file => titlesIn(file, readFileSync(join(folder, file), 'utf8')))
    .filter(({ text }) => isFragment(text))
}

/** Whether a title lacks a subject, or is too short for a sentence. */
export function isFragment(title: string): boolean {
  return WITHOUT_SUBJECT.test(title) || title.trim().split(/\s+/).length < FEWEST_WORDS
}

/** The titles of the tests of one file. Expressions in a template are shown as `...`. */
export function titlesIn(file: string, text: string): Title[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const titles: Title[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && DEFINE_TESTS.includes(calledName(node))) {
      const title = node.arguments.find(isText)
      if (title && node.arguments.some(ts.isFunctionLike)) {
        const { line } = tree.getLineAndCharacterOfPosition(title.getStart(tree))
        titles.push({ file, line: line + 1, text: textOf(title) })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return titles
}

/** The name that a call begins with: `it` of `it('…')`, `it.each([…])('…')` and `it.skipIf(…)('…')`. */
function calledName({ expression }: ts.CallExpression): string {
  let callee: ts.Expression = expression
  while (!ts.isIdentifier(callee)) {
    if (!ts.isPropertyAccessExpression(callee) && !ts.isCallExpression(callee)) return ''
    callee = callee.expression
  }
  return callee.text
}

function isText(node: ts.Node): node is ts.StringLiteralLike | ts.TemplateExpression {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)
}

function textOf(title: ts.StringLiteralLike | ts.TemplateExpression): string {
  if (ts.isStringLiteralLike(title)) return title.text
  return [title.head.text, ...title.templateSpans.map(({ literal }) => literal.text)].join('...')
}
