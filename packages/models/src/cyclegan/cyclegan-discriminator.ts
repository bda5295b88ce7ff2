/** The discriminators of CycleGAN: Isola et al. 2017, arXiv 1611.07004, appendix 6.1.2. */
import * as tf from '@tensorflow/tfjs';
import { OptionsError, ShapeError } from '@janus/core';
import { apply, checkWhole, convolutionLayer } from './cyclegan-layers.js';
import { biasBefore, biasWithout, leaky, normalised, type Norm } from './cyclegan-norms.js';
import type { Initialisation } from './initial-weights.js';

/** What a discriminator looks at: patches of some pixels, or each pixel alone. */
export type DiscriminatorArchitecture = 'patch' | 'pixel';

/** All of them, the default first. */
export const DISCRIMINATOR_ARCHITECTURES: readonly DiscriminatorArchitecture[] = ['patch', 'pixel'];

/** Options of {@link buildDiscriminator}. */
export interface DiscriminatorOptions {
  /**
   * Height of the images in pixels, and their width; of `patch` a multiple of 2^layers and at least three times that, of
   * the smallest scale.
   */
  readonly imageSize: number;
  /** Width, if it is another. */
  readonly imageWidth?: number;
  /** Channels of the images; default 3, RGB. With `conditional`, those of each of both. */
  readonly channels?: number;
  /** Judges pairs: the channels of an original follow those of the image; default false. */
  readonly conditional?: boolean;
  /** Default `patch`. */
  readonly architecture?: DiscriminatorArchitecture;
  /** Filters of the first convolution (ndf); default 64, the paper's. */
  readonly filters?: number;
  /** Convolutions of stride 2 of `patch`; default 3, the paper's: each logit sees a patch of 70 px. */
  readonly layers?: number;
  /**
   * Discriminators of one form: the second sees the image at half its size, the third at a quarter (Wang et al. 2018,
   * arXiv 1711.11585, section 3.2). Default 1.
   */
  readonly scales?: number;
  /** Adds an output, one logit of the whole image, from layers of its own; default false. */
  readonly globalView?: boolean;
  /**
   * Adds an output of `patch`, one logit per patch of 22 px, from the features of its second convolution; default false. At 64 px
   * a patch of 70 px is all of an image, and nothing else judges how a lip is drawn.
   */
  readonly localView?: boolean;
  /** Default `instance`, the paper's. */
  readonly norm?: Norm;
  /** How the kernels begin; default `normal`, the paper's. */
  readonly initialisation?: Initialisation;
  /** Seed of the initial weights; default 1. */
  readonly seed?: number;
  /** Name of the model; default `discriminator`. */
  readonly name?: string;
}

/** The paper's 70 px PatchGAN (Zhu et al. 2017, appendix 7.2). */
export const DISCRIMINATOR_DEFAULTS: Required<
  Omit<DiscriminatorOptions, 'imageSize' | 'imageWidth'>
> = {
  channels: 3,
  conditional: false,
  architecture: 'patch',
  filters: 64,
  layers: 3,
  scales: 1,
  globalView: false,
  localView: false,
  norm: 'instance',
  initialisation: 'normal',
  seed: 1,
  name: 'discriminator',
};

/** Slope of the discriminator's leaky ReLU for values below 0 (paper, appendix 7.2). */
const LEAK = 0.2;

/** What a discriminator's parts are built from. */
type DiscriminatorForm = Pick<
  Required<DiscriminatorOptions>,
  'filters' | 'layers' | 'localView' | 'norm' | 'initialisation' | 'seed'
>;

/** Builds the layers of one scale, and returns its logits; `prefix` begins their names. */
type ViewBuilder = (
  x: tf.SymbolicTensor,
  form: DiscriminatorForm,
  prefix: string,
) => readonly tf.SymbolicTensor[];

const VIEWS: Readonly<Record<DiscriminatorArchitecture, ViewBuilder>> = {
  patch: patchView,
  pixel: pixelView,
};

/**
 * Builds a discriminator: of `patch` `C64, C128, C256, C512`, which returns one logit per patch, of `pixel` one per pixel.
 *
 * @returns a model float32 [B, H, W, channels], signed -> float32 [B, h, w, 1]: of `patch` h = H / 2^layers - 2, of `pixel`
 * h = H. Further scales are further outputs, and so are those of `localView`, float32 [B, H / 4 - 1, W / 4 - 1, 1], and of `globalView`,
 * float32 [B, 1, 1, 1]; the caller disposes it
 * @throws ShapeError when a side does not halve evenly, or leaves no output
 * @throws OptionsError when `channels`, `filters`, `layers` or `scales` is not a whole number of at least 1, or `localView` has no second
 * convolution of stride 2
 * Source: Isola et al. 2017, arXiv 1611.07004, appendix 6.1.2; the filters double up to 8 x `filters`. Differs from Wang et al.
 * 2018: a pixel of a smaller scale is the mean of 2 x 2.
 */
export function buildDiscriminator(options: DiscriminatorOptions): tf.LayersModel {
  const {
    imageSize,
    imageWidth = imageSize,
    channels,
    conditional,
    name,
    ...form
  } = {
    ...DISCRIMINATOR_DEFAULTS,
    ...options,
  };
  const { architecture, scales, filters, layers, globalView } = form;
  checkWhole('buildDiscriminator', 1, { channels, filters, layers, scales });
  checkSizes([imageSize, imageWidth], form);
  checkLocalView(form);
  const shape = [imageSize, imageWidth, conditional ? 2 * channels : channels];
  const input = tf.input({ shape, name: 'image' });
  const outputs: tf.SymbolicTensor[] = [];
  let x = input;
  for (let scale = 1; scale <= scales; scale++) {
    const prefix = scale === 1 ? '' : `scale${scale}_`;
    if (scale > 1) {
      x = apply(tf.layers.averagePooling2d({ name: `${prefix}half`, poolSize: 2, strides: 2 }), x);
    }
    outputs.push(...VIEWS[architecture](x, form, prefix));
  }
  if (globalView) outputs.push(wholeView(input, form));
  const [only] = outputs;
  return tf.model({ inputs: input, outputs: outputs.length > 1 ? outputs : (only ?? input), name });
}

function checkSizes(
  sizes: readonly number[],
  {
    architecture,
    layers,
    scales,
  }: Required<Pick<DiscriminatorOptions, 'architecture' | 'layers' | 'scales'>>,
): void {
  const patch = (architecture === 'patch' ? 2 ** layers : 1) * 2 ** (scales - 1);
  const least = architecture === 'patch' ? 3 * patch : patch;
  const at = sizes.findIndex((size) => size % patch !== 0 || size < least);
  const bad = sizes[at];
  if (bad === undefined) return;
  throw new ShapeError(
    `buildDiscriminator: ${at === 1 ? 'imageWidth' : 'imageSize'} must be a multiple of ${patch} and at least ${least}, but got ${bad}. Resize the images, or use fewer layers${scales > 1 ? ' or scales' : ''}.`,
  );
}

function checkLocalView({
  architecture,
  layers,
  localView,
}: Required<Pick<DiscriminatorOptions, 'architecture' | 'layers' | 'localView'>>): void {
  if (!localView || (architecture === 'patch' && layers >= LOCAL_LAYER)) return;
  throw new OptionsError(
    `buildDiscriminator: localView needs the discriminator patch with at least ${LOCAL_LAYER} layers, but got ${architecture === 'patch' ? `${layers} layer` : architecture}. Take patch with 3 layers, or no local view.`,
  );
}

/** The convolution from whose features the local view judges. */
const LOCAL_LAYER = 2;

function patchView(
  input: tf.SymbolicTensor,
  form: DiscriminatorForm,
  prefix: string,
): readonly tf.SymbolicTensor[] {
  const { filters, layers, localView, norm, seed, initialisation } = form;
  const shared = { kernelSize: 4, seed, initialisation } as const;
  // On even sizes `same` pads a 4x4 kernel of stride 2 by one on each side, as the reference does.
  const halving = { ...shared, stride: 2, padding: 'same' } as const;
  let x = apply(convolutionLayer({ ...halving, name: `${prefix}conv1`, filters }), input);
  x = leaky(x, `${prefix}conv1`, LEAK); // [B, H/2, W/2, filters]
  const logitsOf = (features: tf.SymbolicTensor, name: string): tf.SymbolicTensor => {
    const padded = apply(tf.layers.zeroPadding2d({ name: `${name}_pad`, padding: 1 }), features);
    return apply(convolutionLayer({ ...shared, name, filters: 1 }), padded);
  };
  const local: tf.SymbolicTensor[] = [];
  for (let i = 2; i <= layers + 1; i++) {
    const name = `${prefix}conv${i}`;
    const last = i === layers + 1;
    if (last) x = apply(tf.layers.zeroPadding2d({ name: `${name}_pad`, padding: 1 }), x);
    const width = filters * Math.min(2 ** (i - 1), 8);
    const spec = { ...(last ? shared : halving), name, filters: width, bias: biasBefore(norm) };
    x = normalised(apply(convolutionLayer(spec), x), { name, norm, seed, slope: LEAK });
    if (localView && i === LOCAL_LAYER) local.push(logitsOf(x, `${prefix}local_logits`));
  } // [B, H/2^layers - 1, W/2^layers - 1, up to 8 filters]
  return [logitsOf(x, `${prefix}logits`), ...local];
}

/** Source: the CycleGAN reference's `PixelDiscriminator`. */
function pixelView(
  input: tf.SymbolicTensor,
  form: DiscriminatorForm,
  prefix: string,
): readonly tf.SymbolicTensor[] {
  const { filters, norm, seed, initialisation } = form;
  const shared = { kernelSize: 1, seed, initialisation } as const;
  const [first, second] = [`${prefix}conv1`, `${prefix}conv2`];
  let x = apply(convolutionLayer({ ...shared, name: first, filters }), input);
  x = leaky(x, first, LEAK);
  const spec = { ...shared, name: second, filters: 2 * filters, bias: biasBefore(norm) };
  x = normalised(apply(convolutionLayer(spec), x), { name: second, norm, seed, slope: LEAK });
  const logits = { ...shared, name: `${prefix}logits`, filters: 1, bias: biasWithout(norm) };
  return [apply(convolutionLayer(logits), x)];
}

/** Shorter side below which a view of the whole image ends in one kernel. */
const WHOLE_SIDE = 8;

/** Returns the height and width of the kernel in which a view of the whole image ends. */
export function wholeKernel(height: number, width: number): readonly [number, number] {
  return Math.min(height, width) < WHOLE_SIDE
    ? [height, width]
    : wholeKernel(Math.ceil(height / 2), Math.ceil(width / 2));
}

/** Returns one logit of a whole image; without normalisation, so that its colours and contrast count. */
function wholeView(
  input: tf.SymbolicTensor,
  { filters, seed }: Pick<DiscriminatorForm, 'filters' | 'seed'>,
): tf.SymbolicTensor {
  const convolution = { kernelSize: 4, stride: 2, padding: 'same', seed } as const;
  let x = input;
  for (let i = 1; Math.min(x.shape[1] ?? 0, x.shape[2] ?? 0) >= WHOLE_SIDE; i++) {
    const width = filters * Math.min(2 ** (i - 1), 4);
    // As wide as He et al. 2015 (arXiv 1502.01852) derive it: nothing else keeps the scale.
    const deviation = Math.sqrt(2 / (16 * (x.shape[3] ?? 1)));
    const name = `whole${i}`;
    x = apply(convolutionLayer({ ...convolution, name, filters: width, deviation }), x);
    x = leaky(x, name, LEAK);
  }
  const kernelSize = [x.shape[1] ?? 1, x.shape[2] ?? 1] as const;
  const logits = convolutionLayer({ name: 'whole_logit', filters: 1, kernelSize, seed });
  return apply(logits, x);
}
