/** Where what is shown goes: a notebook's cell, or plain text where no kernel runs. */

/** One thing in several forms, by MIME type: a reader takes the richest that it can show. */
export interface Bundle {
  /** For a terminal, and for readers that know nothing else. */
  readonly 'text/plain': string;
  readonly 'text/html'?: string;
  readonly 'text/markdown'?: string;
  /** Base64. */
  readonly 'image/png'?: string;
  /** Base64. */
  readonly 'image/jpeg'?: string;
  /** Base64. */
  readonly 'image/webp'?: string;
  /** Base64. */
  readonly 'image/gif'?: string;
  /** A Plotly figure. */
  readonly 'application/vnd.plotly.v1+json'?: object;
}

/** A place on a screen whose content can be replaced. */
export interface Panel {
  /** Shows the first content, then replaces it in place. */
  readonly set: (bundle: Bundle) => void;
}

/** Where what is shown goes. */
export interface Screen {
  /** Whether it shows images and markup; text is all that is needed otherwise. */
  readonly rich: boolean;
  /** Returns a place for one thing; it appears with its first content. */
  readonly panel: () => Panel;
}

/**
 * Returns a screen that prints each content as text below the last; contents that repeat are printed once.
 *
 * @param write takes text with its line break; default standard output
 */
export function textScreen(
  write: (text: string) => void = (text) => void process.stdout.write(text),
): Screen {
  return {
    rich: false,
    panel: () => {
      let last = '';
      return {
        set: ({ 'text/plain': text }) => {
          if (text === last) return;
          last = text;
          write(`${text}\n`);
        },
      };
    },
  };
}
