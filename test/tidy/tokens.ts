/**
 * A scanner of TypeScript, precise enough to tell words from comments, strings, template literals
 * and regular expressions. (The typescript package 7 offers its parser as unstable only, and
 * Bun.Transpiler drops type imports.) Two places need a parser and get a guess instead: a slash
 * begins a regular expression when a value cannot stand before it, and when it closes on its line.
 */

export type TokenKind =
  | "word"
  | "number"
  | "string"
  | "template"
  | "regex"
  | "punctuation"
  | "comment";

export interface Token {
  readonly kind: TokenKind;
  /** As written, quotes and comment marks included. */
  readonly text: string;
  /** Line of the first character, from 1. */
  readonly line: number;
}

const WORD = /[\p{ID_Start}$_@#][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /(?:0[xXbBoO][0-9a-fA-F_]+|\.?[0-9][0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]+)?)n?/y;
const STRING = /"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const REGEX = /\/(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y;
const TEMPLATE_PART = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y;
const SPACE = /\s+/y;
const PUNCTUATION = /=>|\?\.(?![0-9])|\.\.\.|\+\+|--|[\s\S]/uy;

/** After these words a value begins, so a slash begins a regular expression. */
const BEFORE_VALUE = new Set(
  "return typeof case in of do else void delete throw new await yield instanceof".split(" "),
);
const AFTER_VALUE = new Set(["]", "++", "--"]);
/** A parenthesis after these words closes before a statement, not after a value. */
const BEFORE_PARENTHESIS = new Set("if while for with".split(" "));

/** The tokens of one file, comments included, white space left out. */
export function tokenize(text: string): Token[] {
  return new Scan(text).run();
}

/** The tokens that the compiler reads. */
export function withoutComments(tokens: readonly Token[]): Token[] {
  return tokens.filter((token) => token.kind !== "comment");
}

class Scan {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 1;
  /** The last token that is no comment. */
  #last: Token | undefined;
  /** For each open brace: does it belong to a template literal's `${`? */
  readonly #braces: boolean[] = [];
  /** For each open parenthesis: does a statement follow its end? */
  readonly #parentheses: boolean[] = [];
  #statementFollows = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    if (this.#text.startsWith("#!")) this.#take("comment", /#![^\n]*/y);
    while (this.#at < this.#text.length) this.#step();
    return this.#tokens;
  }

  #step(): void {
    const space = this.#match(SPACE);
    const here = this.#text.charAt(this.#at);
    const plain = this.#plainKind(here, this.#text.charAt(this.#at + 1));
    if (space !== "") this.#advance(space);
    else if (plain !== undefined) this.#take(...plain);
    else if (here === "`") this.#template(here);
    else if (here === "}" && this.#braces.at(-1) === true) {
      this.#braces.pop();
      this.#template(here);
    } else this.#punctuation(here);
  }

  /** The tokens that need no memory of what is open. */
  #plainKind(here: string, next: string): [TokenKind, RegExp] | undefined {
    if (here === "/" && (next === "/" || next === "*")) return ["comment", COMMENT];
    if (here === "/" && this.#regexMayBegin(next) && this.#match(REGEX) !== "") {
      return ["regex", REGEX];
    }
    if (here === '"' || here === "'") return ["string", STRING];
    if (this.#match(WORD) !== "") return ["word", WORD];
    const digits = /[0-9]/.test(here) || (here === "." && /[0-9]/.test(next));
    return digits ? ["number", NUMBER] : undefined;
  }

  #punctuation(here: string): void {
    if (here === "(") this.#parentheses.push(BEFORE_PARENTHESIS.has(this.#last?.text ?? ""));
    if (here === "{") this.#braces.push(false);
    if (here === "}") this.#braces.pop();
    const statementFollows = here === ")" && this.#parentheses.pop() === true;
    this.#take("punctuation", PUNCTUATION);
    this.#statementFollows = statementFollows;
  }

  /** From a backtick or from the brace that ends `${...}`, to the next `${` or the end. */
  #template(opening: string): void {
    TEMPLATE_PART.lastIndex = this.#at + opening.length;
    const part = TEMPLATE_PART.exec(this.#text)?.[0] ?? "";
    this.#push("template", opening + part);
    if (part.endsWith("${")) this.#braces.push(true);
  }

  #regexMayBegin(next: string): boolean {
    const last = this.#last;
    if (last === undefined) return true;
    if (last.kind === "word") return BEFORE_VALUE.has(last.text);
    if (last.kind === "template") return last.text.endsWith("${");
    if (last.kind !== "punctuation") return false;
    // In pages: `</b>` and `<a />` are no regular expressions.
    if (last.text === "<" || next === ">") return false;
    if (last.text === ")") return this.#statementFollows;
    return !AFTER_VALUE.has(last.text);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] ?? "";
  }

  #take(kind: TokenKind, pattern: RegExp): void {
    this.#push(kind, this.#match(pattern));
  }

  #push(kind: TokenKind, text: string): void {
    const token = { kind, text, line: this.#line };
    this.#tokens.push(token);
    if (kind !== "comment") this.#last = token;
    this.#advance(text);
  }

  #advance(text: string): void {
    this.#at += text.length;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.#line++;
  }
}
