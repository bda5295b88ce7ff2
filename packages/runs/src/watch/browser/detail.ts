/** The chosen run: facts, curves, samples, how to stop and how to resume it. */
import type { RunView, SampleView } from '../run-view.js';
import { openCurves } from './curves.js';
import { byId, say, setText } from './page.js';

/** Shows the chosen run. */
export interface Detail {
  readonly show: (run: RunView | undefined) => void;
}

/** Returns what shows the chosen run. */
export function openDetail(): Detail {
  const curves = openCurves();
  let shown: RunView | undefined;
  byId('stop').addEventListener('click', () => {
    if (shown === undefined) return;
    stop(shown.id).catch(() => {
      setText(byId('detail-state'), 'This page has no connection; the run was not asked to stop.');
    });
  });
  byId('copy').addEventListener('click', () => {
    copy(byId('command').textContent).catch(() => {
      getSelection()?.selectAllChildren(byId('command')); // to be copied by hand
    });
  });
  return {
    show: (run) => {
      shown = run;
      byId('detail').hidden = run === undefined;
      if (run === undefined) return;
      setText(byId('detail-name'), run.id);
      setText(byId('detail-state'), run.stateText);
      showStop(run);
      showProgress(run);
      byId('resume').hidden = run.command === undefined;
      setText(byId('command'), run.command ?? '');
      showFacts(run);
      curves.show(run);
      showSamples(run);
    },
  };
}

function showStop({ state }: RunView): void {
  const button = byId('stop') as HTMLButtonElement;
  button.hidden = state !== 'running' && state !== 'stopping';
  button.disabled = state === 'stopping';
  setText(button, state === 'stopping' ? 'Stopping' : 'Stop this run');
}

async function stop(id: string): Promise<void> {
  const token = byId('page').dataset['token'] ?? '';
  const answer = await fetch(`/stop?run=${encodeURIComponent(id)}`, {
    method: 'POST',
    headers: { 'x-janus-token': token },
  });
  const text = (await answer.text()).trim();
  say(`${id}: ${text}`);
  if (!answer.ok) setText(byId('detail-state'), text);
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  say('The command was copied.');
}

function showProgress({ progress }: RunView): void {
  const bar = byId('progress') as HTMLProgressElement;
  bar.hidden = progress?.total === undefined;
  bar.value = progress?.total === undefined ? 0 : Math.min(1, progress.done / progress.total);
}

function showFacts({ cells, facts }: RunView): void {
  const [updates, images, left, newest] = cells;
  const own = [
    ['Updates', updates],
    ['Images/s', images],
    ['Time left', left],
    ['Newest losses', newest],
  ].filter(([, text]) => text !== '');
  const all = [...own, ...facts];
  const list = byId('facts');
  const isSame = list.children.length === all.length;
  if (!isSame) list.replaceChildren(...all.map(() => newFact()));
  for (const [i, [name = '', text = '']] of all.entries()) {
    const [term, value] = [...(list.children[i]?.children ?? [])];
    if (term !== undefined) setText(term, name);
    if (value !== undefined) setText(value, text);
  }
}

function newFact(): HTMLElement {
  const fact = document.createElement('div');
  fact.append(document.createElement('dt'), document.createElement('dd'));
  return fact;
}

const sampleAddress = (id: string, { name, version }: SampleView): string =>
  `/sample?run=${encodeURIComponent(id)}&name=${encodeURIComponent(name)}&version=${version}`;

function showSamples({ id, samples }: RunView): void {
  const place = byId('samples');
  if (place.children.length !== samples.length) {
    place.replaceChildren(...samples.map(() => newSample()));
  }
  for (const [i, sample] of samples.entries()) {
    const figure = place.children[i];
    const image = figure?.querySelector('img');
    const caption = figure?.querySelector('figcaption');
    const address = sampleAddress(id, sample);
    if (image?.getAttribute('src') !== address) image?.setAttribute('src', address);
    image?.setAttribute('alt', `Samples of ${id} ${sample.text}`);
    if (caption != null) setText(caption, `Samples ${sample.text}`);
  }
}

function newSample(): HTMLElement {
  const figure = document.createElement('figure');
  figure.append(document.createElement('img'), document.createElement('figcaption'));
  return figure;
}
