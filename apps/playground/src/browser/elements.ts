/** Elements of the page. */

/**
 * Returns the element of an id.
 *
 * @throws Error when the page has none of that kind
 */
export function elementOf<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} #${id}. Write it again.`);
}

/** Returns a new element with text or elements in it. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  children: readonly (Node | string)[],
  className = '',
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

/** Returns an entry of a list to choose from. */
export function optionOf(value: string, text: string): HTMLOptionElement {
  const option = element('option', [text]);
  option.value = value;
  return option;
}

/** Runs work of a listener; what fails is said in a line of the page. */
export function guarded(status: HTMLElement, work: () => Promise<void> | void): () => void {
  return () => {
    status.classList.remove('problem');
    void Promise.resolve()
      .then(work)
      .catch((error: unknown) => {
        sayProblem(status, error);
      });
  };
}

/** Says what failed. */
export function sayProblem(status: HTMLElement, error: unknown): void {
  status.classList.add('problem');
  status.textContent = error instanceof Error ? error.message : String(error);
}

/** Lets the page draw what was said before long work begins. */
export const painted = (): Promise<void> =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve, 0));
  });
