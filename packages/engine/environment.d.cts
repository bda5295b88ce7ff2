/** Returns this processor's instruction sets by Linux's names; none on other systems. */
export declare function processorFlags(): Set<string>;

/** Returns the settings a process that computes must start with; a variable that `environment` has keeps its value. */
export declare function settingsFor(
  environment: Readonly<Record<string, string | undefined>>,
  flags?: ReadonlySet<string>,
): Record<string, string>;
