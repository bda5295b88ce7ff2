/** The time that limits and waits of a fetch are measured by; a test passes a clock of its own. */
export interface Clock {
  /** Returns milliseconds since a fixed moment. */
  readonly now: () => number;
  /**
   * Calls back once after `ms` milliseconds.
   *
   * @param request the address whose request is limited; undefined for a wait between requests
   * @returns a function that cancels the call
   */
  readonly after: (ms: number, callBack: () => void, request?: URL) => () => void;
}

/** The clock of the system. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (ms, callBack) => {
    const timer = setTimeout(callBack, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};
