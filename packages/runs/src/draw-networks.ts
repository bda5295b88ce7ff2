/** Drawings of a run's networks, for its report: the paper's Figures 1 and 2. */
import { writeRunDrawings } from '@janus/core';
import {
  architectureFigure,
  cycleGanDiagram,
  type CycleGanNetworks,
  type ModelLike,
} from '@janus/figures';

/** Draws a classifier's layers, from the image to the logits. */
export async function drawClassifier(
  folder: string,
  model: ModelLike,
  target: string,
): Promise<void> {
  await writeRunDrawings(folder, [
    {
      id: 'networks',
      caption: 'The layers from the image to the logits, with the size of what each block returns.',
      figure: architectureFigure([{ title: target, model }], { title: 'The classifier' }),
    },
  ]);
}

/** Draws how a CycleGAN's networks work together, and the layers of a generator and a discriminator. */
export async function drawCycleGan(
  folder: string,
  networks: CycleGanNetworks,
  domains: { readonly x: string; readonly y: string },
): Promise<void> {
  const { G, DY } = networks;
  await writeRunDrawings(folder, [
    {
      id: 'cyclegan',
      caption:
        'The paper’s Figure 1: an image is translated and translated back, and each fake is judged by the discriminator of its domain.',
      figure: cycleGanDiagram(networks, { title: 'The CycleGAN', domains }),
    },
    {
      id: 'networks',
      caption:
        'The paper’s Figure 2: the layers of a generator and of a discriminator; those of the other direction are the same.',
      figure: architectureFigure(
        [
          { title: 'Generator G', model: G },
          { title: 'Discriminator DY', model: DY },
        ],
        { title: 'Generator and discriminator' },
      ),
    },
  ]);
}
