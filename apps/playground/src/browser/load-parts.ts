/** Brings the page's weights in: script files, the only thing that a page from a folder may load. */
import type { PageBytes } from '../page-data.js';

/** Where a part's script hands its text over. */
interface PartReceiver {
  janusPart?: (text: string) => void;
}

/** Bytes that all loads have brought in so far. */
export type LoadListener = (bytes: number) => void;

/**
 * Returns the bytes of all parts, loaded one after the other.
 *
 * @throws Error when a part is missing
 */
export async function loadBytes(
  { name, parts, bytes }: PageBytes,
  onLoaded: LoadListener = () => undefined,
): Promise<Uint8Array> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (let i = 0; i < parts; i++) {
    const text = atob(await partText(`parts/${name}-${i}.js`));
    for (let j = 0; j < text.length; j++) whole[at + j] = text.charCodeAt(j);
    at += text.length;
    onLoaded(text.length);
  }
  return whole;
}

/** Parts are loaded one at a time: they all call the same function. */
let last: Promise<unknown> = Promise.resolve();

function partText(source: string): Promise<string> {
  const next = last.then(() => scriptText(source));
  last = next.catch(() => undefined);
  return next;
}

async function scriptText(source: string): Promise<string> {
  const script = document.createElement('script');
  script.src = source;
  const receiver = globalThis as PartReceiver;
  try {
    return await new Promise<string>((resolve, reject) => {
      receiver.janusPart = resolve;
      script.addEventListener('error', () => {
        reject(new Error(`${source} cannot be loaded. Copy the whole folder again.`));
      });
      document.head.append(script);
    });
  } finally {
    delete receiver.janusPart;
    script.remove();
  }
}
