/** What a checkpoint is of, in words. */
import type { CycleGanOptions } from './cyclegan-presets.js';

/** Returns the text that a checkpoint of these options must carry. */
export function cycleGanArchitecture(options: CycleGanOptions): string {
  const { imageSize, averageDecay, norm, channels } = options;
  const grey = channels === 1 ? ', grey' : '';
  const average = averageDecay > 0 ? ', averaged' : '';
  const normed = norm === 'instance' ? '' : `, norm ${norm}`;
  return `cyclegan ${imageSize} px${grey}, ${generatorText(options)}, ${discriminatorText(options)}${normed}${average}`;
}

function generatorText(options: CycleGanOptions): string {
  const { generator, generatorBlocks, generatorFilters, skip, bend, upsampling } = options;
  const name = generator === 'resnet' ? `resnet-${generatorBlocks}` : generator;
  const doubling = upsampling === 'transposed' ? '' : `, upsampling ${upsampling}`;
  const bending = bend > 0 ? `, bend ${bend}` : '';
  return `${name} of ${generatorFilters} filters, skip ${String(skip)}${bending}${doubling}`;
}

function discriminatorText(options: CycleGanOptions): string {
  const { discriminator, discriminatorLayers, discriminatorFilters } = options;
  const name = discriminator === 'patch' ? `patchgan-${discriminatorLayers}` : 'pixelgan';
  const scales = options.discriminatorScales > 1 ? ` on ${options.discriminatorScales} scales` : '';
  const whole = options.globalView ? ' and the whole' : '';
  const paired = options.paired ? ' of pairs' : '';
  return `${name} of ${discriminatorFilters}${scales}${whole}${paired}`;
}
