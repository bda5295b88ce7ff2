import { OptionsError } from '@janus/core';

/** Environment variables, by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Profiles of a notebook: `full` takes minutes and says something, `small` shows in seconds that each cell runs. */
const PROFILES = ['full', 'small'] as const;

/**
 * Returns the parameters of a notebook: its own, those of the small profile over them where `JANUS_NOTEBOOK_PROFILE` is
 * `small`, the data folder of `JANUS_NOTEBOOK_DATA` as `data`, and over all `NB_PARAMS`, a JSON object.
 *
 * @param full the parameters, which an opened notebook has
 * @param small what the small profile changes; default nothing
 * @param environment default the process's
 * @throws OptionsError when the profile is unknown, or `NB_PARAMS` is not a JSON object with names and types of `full`
 */
export function parametersOf<Parameters extends Readonly<Record<string, unknown>>>(
  full: Parameters,
  small: Partial<Parameters> = {},
  environment: Environment = process.env,
): Parameters {
  const profile = environment['JANUS_NOTEBOOK_PROFILE'] ?? 'full';
  if (!PROFILES.some((each) => each === profile)) {
    throw new OptionsError(
      `JANUS_NOTEBOOK_PROFILE: must be ${PROFILES.join(' or ')}, but got ${profile}. Leave it out for full.`,
    );
  }
  const data = environment['JANUS_NOTEBOOK_DATA'];
  return {
    ...full,
    ...(profile === 'small' ? small : {}),
    ...(data === undefined || !('data' in full) ? {} : { data }),
    ...givenParameters(environment['NB_PARAMS'], full),
  };
}

function givenParameters(
  text: string | undefined,
  known: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (text === undefined || text === '') return {};
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new OptionsError(`NB_PARAMS: must be JSON, but got ${text}. Write {"seed": 2}.`, {
      cause: error,
    });
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new OptionsError(`NB_PARAMS: must be an object, but got ${text}. Write {"seed": 2}.`);
  }
  const wrong = Object.entries(given as Readonly<Record<string, unknown>>).find(
    ([name, value]) => !(name in known) || typeof value !== typeof known[name],
  );
  if (wrong === undefined) return given as Readonly<Record<string, unknown>>;
  const [name, value] = wrong;
  throw new OptionsError(
    `NB_PARAMS: must have names and types of the notebook's parameters (${Object.keys(known).join(', ')}), but got ${name}: ${JSON.stringify(value)}. Change its name or value.`,
  );
}
