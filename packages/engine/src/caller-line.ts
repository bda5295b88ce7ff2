/** Frames of tfjs; with source maps they name its sources. */
const TFJS = /[\\/]@tensorflow[\\/]|[\\/]tfjs-[a-z-]+[\\/](src|dist)[\\/]/;

/** Frames of this package's machinery, or Node's. */
const INNER = /[\\/]engine[\\/](src|dist)[\\/](?![^\\/]*\.test\.)|\(node:|at node:|\(<anonymous>\)/;

/** Functions of tfjs that draw numbers in JavaScript. */
const RANDOM =
  /\b(randomUniform|randomNormal|randomStandardNormal|randomGamma|truncatedNormal|rand|dropout)_?\b/;

/** Returns where the program is, for {@link callerLine}: the costly half of it may be left out. */
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

/** Returns the place in the caller's own code that led there, as `file:line:column`. */
export function callerLine(place: Error = here()): string {
  const frame = frames(place).find((each) => !TFJS.test(each) && !INNER.test(each));
  return (
    frame
      ?.trim()
      .replace(/^at (.*\()?(file:\/\/)?/, '')
      .replace(/\)$/, '') ?? 'the step'
  );
}

/** Whether a random function of tfjs is at work. */
export function isRandomCall(place: Error): boolean {
  return frames(place).some((each) => TFJS.test(each) && RANDOM.test(each));
}
