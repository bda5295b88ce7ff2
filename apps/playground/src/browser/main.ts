/** The page's program: starts the engine, brings the weights in, and lets images come. */
import { registerLayers } from '@janus/models/web';
import type { PageBytes, PageData } from '../page-data.js';
import { elementOf, guarded, optionOf, sayProblem } from './elements.js';
import { openLearnView } from './learn-view.js';
import { loadBytes } from './load-parts.js';
import { openClassifier, openDetector, openTranslation } from './networks.js';
import {
  ignoreOtherDrops,
  takeChosen,
  takeDropped,
  takeFromCamera,
  takePasted,
  type CameraElements,
} from './image-sources.js';
import {
  ENGINE_TITLES,
  PAGE_ENGINES,
  startPageEngine,
  type PageEngine,
  type StartedPageEngine,
} from './start-engine.js';
import { openTryView, type OpenPage } from './try-view.js';

/** Where `page-data.js` puts what the page is given. */
interface PageGlobal {
  readonly janusPage?: PageData;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** The engine that the page's address asks for. */
function askedEngine(): PageEngine | undefined {
  const asked = new URLSearchParams(location.search).get('engine');
  return PAGE_ENGINES.find((name) => name === asked);
}

/** Lists the engines; another choice loads the page again. */
function showEngines({ name, line }: StartedPageEngine): void {
  elementOf('engine', HTMLElement).textContent = line;
  const select = elementOf('engines', HTMLSelectElement);
  select.replaceChildren(...PAGE_ENGINES.map((each) => optionOf(each, ENGINE_TITLES[each])));
  select.value = name;
  select.addEventListener('change', () => {
    location.search = `?engine=${select.value}`;
  });
}

/** Says how much of the weights is there. */
function progressOf(status: HTMLElement, all: readonly PageBytes[]): (bytes: number) => void {
  const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  let loaded = 0;
  return (bytes) => {
    loaded += bytes;
    status.textContent = `Loading: ${megabytes(loaded)} of ${megabytes(total)} MB`;
  };
}

async function openPage(data: PageData, status: HTMLElement): Promise<OpenPage> {
  const engine = await startPageEngine(askedEngine(), () => loadBytes(data.wasm));
  showEngines(engine);
  registerLayers();
  const onLoaded = progressOf(status, [
    ...[data.classifier.network.weights, data.detector.weights],
    ...(data.translation?.directions ?? []).map(({ network }) => network.weights),
  ]);
  return {
    ...{ data, engine: engine.line },
    classifiers: [await openClassifier(data.classifier, onLoaded)],
    detector: await openDetector(data.detector, onLoaded),
    translation: data.translation && (await openTranslation(data.translation, onLoaded)),
  };
}

/** Ids of the camera's elements. */
const CAMERA: CameraElements = {
  panel: 'camera-panel',
  video: 'video',
  shoot: 'shoot',
  stop: 'camera-stop',
};

function takeImages(page: OpenPage, status: HTMLElement): void {
  const look = openTryView(page);
  const file = elementOf('file', HTMLInputElement);
  const camera = elementOf('camera', HTMLButtonElement);
  const taker = {
    status,
    take: async ([first]: readonly Blob[]) => {
      if (first !== undefined) await look(first);
    },
  };
  takeChosen(file, taker);
  takeDropped(elementOf('drop', HTMLElement), taker);
  takePasted(taker);
  camera.addEventListener('click', guarded(status, takeFromCamera(CAMERA, taker)));
  file.disabled = false;
  camera.disabled = false;
}

/** Stores the page's files where it is served; a page from a folder has them already. */
async function keepOffline(): Promise<void> {
  if (!location.protocol.startsWith('http') || !('serviceWorker' in navigator)) return;
  await navigator.serviceWorker.register('service-worker.js').catch(() => undefined);
}

async function start(): Promise<void> {
  const status = elementOf('status', HTMLElement);
  ignoreOtherDrops();
  try {
    const data = (globalThis as PageGlobal).janusPage;
    if (data === undefined)
      throw new Error('page-data.js is missing. Copy the whole folder again.');
    const page = await openPage(data, status);
    takeImages(page, status);
    openLearnView(page);
    status.textContent = 'Ready.';
    await keepOffline();
  } catch (error) {
    sayProblem(status, error);
  }
}

void start();
