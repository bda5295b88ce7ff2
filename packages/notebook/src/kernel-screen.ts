/** The screen of a tslab kernel: the only file that knows tslab. */
import { randomUUID } from 'node:crypto';
import { textScreen, type Screen } from './screen.js';

/** What Jupyter receives of a display (jupyter-client.readthedocs.io, messaging, display_data). */
export interface DisplayMessage {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly transient: { readonly display_id: string };
}

/** Sends a display, or the new content of one that was sent, to the cell that ran last. */
type WriteDisplay = (message: DisplayMessage, isUpdate: boolean) => void;

/** tslab 1.0.22's own entry for the code of cells. */
interface Tslab {
  readonly require: (id: string) => { readonly lastWriteDisplayData?: WriteDisplay };
}

/** Returns the screen of the cell that runs now, of standard output where no kernel runs. */
export function currentScreen(): Screen {
  const kernel = (globalThis as { readonly __tslab__?: Tslab }).__tslab__;
  // tslab's own `display` sends one MIME type at a time, and so a figure without the image below it.
  const write = kernel?.require('tslab/dist/jupyter.js').lastWriteDisplayData;
  return write === undefined ? textScreen() : kernelScreen(write);
}

/** Returns a screen that sends Jupyter's messages. */
export function kernelScreen(write: WriteDisplay): Screen {
  return {
    rich: true,
    panel: () => {
      const transient = { display_id: randomUUID() };
      let isUpdate = false;
      return {
        set: (bundle) => {
          write({ data: { ...bundle }, metadata: {}, transient }, isUpdate);
          isUpdate = true;
        },
      };
    },
  };
}
