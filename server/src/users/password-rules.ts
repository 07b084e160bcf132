import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

/** Looking for words takes longer the longer the text is; what counts shows in its beginning. */
const LOOKED_AT = 64;
/** Of 0 to 4: safely unguessable where guesses are limited and hashes are slow. */
const MIN_SCORE = 3;

const GUESSABLE =
  'This password is easy to guess: choose one of several words, which you use nowhere else.';

let factory: Promise<ZxcvbnFactory> | null = null;

/** Its word lists take some megabytes: they are loaded when the first password is chosen. */
async function factoryLoad(): Promise<ZxcvbnFactory> {
  const [core, common] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new core.ZxcvbnFactory({
    dictionary: common.dictionary,
    graphs: common.adjacencyGraphs,
  });
}

/**
 * What is wrong with a password that is long enough: often used ones, keyboard rows, repetitions, dates, and what
 * can be known of its owner.
 * @param known of the owner: address, name.
 * @returns a sentence, or null.
 */
export async function passwordFault(
  password: string,
  known: readonly string[],
): Promise<string | null> {
  factory ??= factoryLoad();
  const words = known.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  const inputs = ['dollarbox', ...words].filter((word) => word.length > 2);
  const { score } = (await factory).check(password.slice(0, LOOKED_AT), inputs);
  return score < MIN_SCORE ? GUESSABLE : null;
}
