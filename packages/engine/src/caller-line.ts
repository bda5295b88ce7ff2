/** Stack frames of tfjs; with source maps they name its sources. */
const TFJS = /[\\/]@tensorflow[\\/]|[\\/]tfjs-[a-z-]+[\\/](src|dist)[\\/]/;

/** Stack frames of this package (but its tests) and of Node. */
const INNER = /[\\/]engine[\\/](src|dist)[\\/](?![^\\/]*\.test\.)|\(node:|at node:|\(<anonymous>\)/;

/** Functions of tfjs that draw random numbers in JavaScript. */
const RANDOM =
  /\b(randomUniform|randomNormal|randomStandardNormal|randomGamma|truncatedNormal|rand|dropout)_?\b/;

/** Captures the current stack for {@link callerLine}, which does the costly half, if it is needed. */
export function here(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const place = new Error();
  Error.stackTraceLimit = limit;
  return place;
}

function frames({ stack = '' }: Error): readonly string[] {
  return stack.split('\n').slice(1);
}

/** Returns the line of the user's own code that led to a place, as `file:line:column`. */
export function callerLine(place: Error = here()): string {
  const frame = frames(place).find((each) => !TFJS.test(each) && !INNER.test(each));
  return (
    frame
      ?.trim()
      .replace(/^at (.*\()?(file:\/\/)?/, '')
      .replace(/\)$/, '') ?? 'the step'
  );
}

/** Returns whether a random function of tfjs led to a place. */
export function isRandomCall(place: Error): boolean {
  return frames(place).some((each) => TFJS.test(each) && RANDOM.test(each));
}
