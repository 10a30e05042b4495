// Puts functions that are alike beside each other, since compression finds again only what is not too far away.

/** A name in the text format. */
const NAME = /\$(?:"(?:[^"\\]|\\.)*"|[^\s()]+)/g;

/** An instruction with its first operand. */
const INSTRUCTION = /\((?:i32|i64|f64|local|call|if|block|loop|br|memory|global|select|drop|unreachable)[.\w]*(?: (?:offset=)?\$?[\w.]+)?/g;

/**
 * The text of a module with its functions under other names, such that an order by name puts each before the one that is
 * most like it of those that are left. Two are alike by the pairs of instructions that they have in common. The largest
 * comes first.
 */
export function namedByLikeness(text) {
  const functions = text
    .split("\n (func ")
    .slice(1)
    .map((code) => ({ name: code.match(NAME)[0], length: code.length, pairs: pairsOf(code) }))
    .sort((one, other) => other.length - one.length);
  if (functions.length === 0) throw new Error("there are no functions in the text");
  const names = new Map();
  for (let left = functions; left.length > 0;) {
    const [first, ...others] = left;
    names.set(first.name, `$f${String(names.size).padStart(5, "0")}`);
    left = withMostAlikeFirst(first, others);
  }
  return text.replaceAll(NAME, (name) => names.get(name) ?? name);
}

function pairsOf(code) {
  const instructions = code.match(INSTRUCTION) ?? [];
  return new Set(instructions.slice(1).map((instruction, at) => instructions[at] + instruction));
}

function withMostAlikeFirst(one, others) {
  let [most, best] = [-1, 0];
  others.forEach((other, at) => {
    const likeness = likenessOf(one.pairs, other.pairs);
    if (likeness > most) [most, best] = [likeness, at];
  });
  return others.length === 0 ? others : [others[best], ...others.slice(0, best), ...others.slice(best + 1)];
}

/** What they have in common, as a part of what either has. */
function likenessOf(one, other) {
  const [few, many] = one.size < other.size ? [one, other] : [other, one];
  let common = 0;
  for (const pair of few) if (many.has(pair)) common += 1;
  return common / (one.size + other.size - common + 1);
}
