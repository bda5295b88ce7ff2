/** Frames that are tfjs's, this package's machinery, or Node's. */
const INNER =
  /[\\/]@tensorflow[\\/]|[\\/]engine[\\/](src|dist)[\\/](?![^\\/]*\.test\.)|\(node:|at node:|\(<anonymous>\)/;

/** Functions of tfjs that draw numbers in JavaScript. */
const RANDOM =
  /\b(randomUniform|randomNormal|randomStandardNormal|randomGamma|truncatedNormal|rand|dropout)_?\b/;

function frames(): readonly string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  return stack.split('\n').slice(1);
}

/** Returns the place in the caller's own code that led here, as `file:line:column`. */
export function callerLine(): string {
  const frame = frames().find((each) => !INNER.test(each));
  return (
    frame
      ?.trim()
      .replace(/^at (.*\()?(file:\/\/)?/, '')
      .replace(/\)$/, '') ?? 'the step'
  );
}

/** Whether a random function of tfjs is at work. */
export function isRandomCall(): boolean {
  return frames().some((each) => each.includes('@tensorflow') && RANDOM.test(each));
}
