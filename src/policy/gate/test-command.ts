/** `[[ … ]]`, whose arithmetic operators run what is written inside a subscript: only comparisons of text and files pass. Pure. */
import type { TestCommand, TestExpression, Word } from 'unbash';
import { readWord, type Scope } from './arg.js';
import { gap } from './gaps.js';

const UNARY = /^-[abcdefghknoprstuwxzGLNOS]$/;
/** `<` and `>` are left out: a shell that has no `[[` takes them for redirects. */
const TEXT = /^(=|==|!=|=~|-nt|-ot|-ef)$/;
const NUMBERS = /^-(eq|ne|lt|le|gt|ge)$/;

/** The reason to ask, or undefined. `-o`, a shell option, and `-v`, `-R`, variables, are left out. */
export function testProblem(node: TestCommand, source: string, scope: Scope): string | undefined {
  const words: Word[] = [];
  const problem = expressionProblem(node.expression, words, scope);
  if (problem) return problem;
  const ordered = words.sort((a, b) => a.pos - b.pos);
  const gaps = ordered.map((word, at) => gap(source, at === 0 ? node.pos : ordered[at - 1]!.end, word.pos));
  gaps.push(gap(source, ordered.at(-1)?.end ?? node.pos, node.end));
  const isClean = gaps.every((text, at) => {
    const inner = at === 0 ? text.replace(/^\[\[/, '') : at === gaps.length - 1 ? text.replace(/\]\]$/, '') : text;
    return inner !== text || (at > 0 && at < gaps.length - 1)
      ? /^(?:[()!=~]|&&|\|\||-[a-zA-Z]{1,2}|\n)*$/.test(inner)
      : false;
  });
  return isClean ? undefined : 'there is more in it than the shell parser has read';
}

function expressionProblem(node: TestExpression, words: Word[], scope: Scope): string | undefined {
  switch (node.type) {
    case 'TestGroup':
      return expressionProblem(node.expression, words, scope);
    case 'TestNot':
      return expressionProblem(node.operand, words, scope);
    case 'TestLogical': {
      for (const operand of node.operands) {
        const problem = expressionProblem(operand, words, scope);
        if (problem) return problem;
      }
      return undefined;
    }
    case 'TestUnary':
      words.push(node.operand);
      return UNARY.test(node.operator) && node.operator !== '-o'
        ? wordProblem(node.operand, scope)
        : odd(node.operator);
    case 'TestBinary': {
      words.push(node.left, node.right);
      const isNumeric = NUMBERS.test(node.operator);
      if (!isNumeric && !TEXT.test(node.operator)) return odd(node.operator);
      if (isNumeric && ![node.left, node.right].every((word) => /^"?(-?\d+|\$[?#])"?$/.test(word.text)))
        return `${JSON.stringify(node.operator)} calculates with words that may run commands`;
      return wordProblem(node.left, scope) ?? wordProblem(node.right, scope);
    }
    default:
      return 'its form is not one that is judged';
  }
}

const odd = (operator: string): string => `the test ${JSON.stringify(operator)} is not one that is judged`;

function wordProblem(word: Word, scope: Scope): string | undefined {
  const read = readWord(word, scope, true);
  return typeof read === 'string' ? read : undefined;
}
