import type { Bundle, Screen } from './screen.js';

/** A screen that keeps what each of its panels was set to, in the order in which the panels appeared. */
export function fakeScreen(rich = true): { readonly screen: Screen; readonly panels: Bundle[][] } {
  const panels: Bundle[][] = [];
  const screen: Screen = {
    rich,
    panel: () => {
      let own: Bundle[] | undefined;
      return {
        set: (bundle) => {
          if (own === undefined) panels.push((own = []));
          own.push(bundle);
        },
      };
    },
  };
  return { screen, panels };
}
