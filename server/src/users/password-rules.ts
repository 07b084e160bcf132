import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

/** Longer texts take longer to analyze; the beginning is enough. */
const LOOKED_AT = 64;
/** On a scale of 0 to 4: safely unguessable where guesses are limited and hashes are slow. */
const MIN_SCORE = 3;

const GUESSABLE =
  'This password is easy to guess: choose one of several words, which you use nowhere else.';

let factory: Promise<ZxcvbnFactory> | null = null;

/** The word lists take some megabytes: they are loaded when the first password is chosen. */
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
 * The fault of a password that is long enough: common passwords, keyboard rows, repetitions, dates, and anything
 * derived from its owner.
 * @param known facts about the owner: address, name.
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
