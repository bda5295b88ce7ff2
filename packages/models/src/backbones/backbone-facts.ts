import type { BackboneName } from './backbones.js';
import type { Preprocessing } from './preprocessing.js';

/** What is known of a backbone's pretrained weights. */
export interface BackboneFacts {
  /** As a sentence goes on: "pretrained on ...". */
  readonly trainedOn: string;
  /** What the published weights expect of images. */
  readonly preprocessing: Preprocessing;
  /** What users of it have to know; default nothing more. */
  readonly caution?: string;
}

/** ImageNet weights that were trained in Caffe, or in its manner. */
const CAFFE: BackboneFacts = { trainedOn: 'ImageNet', preprocessing: 'caffe' };

/** The facts of each backbone; what is written about `faceres` is known from its author's paper. */
export const BACKBONE_FACTS: Readonly<Record<BackboneName, BackboneFacts>> = {
  vgg16: CAFFE,
  vgg19: CAFFE,
  squeezenet: CAFFE,
  mobilenet: { trainedOn: 'ImageNet', preprocessing: 'signed' },
  // Savchenko 2019, PeerJ Computer Science 5:e197
  faceres: {
    trainedOn: 'faces: identities (VGGFace2), then age and gender (IMDB-Wiki)',
    preprocessing: 'caffe',
    caution:
      'The face backbone was trained on photographs of celebrities from the web, as far as its author tells: VGGFace2 for identity, a part of IMDB-Wiki for age and gender, possibly UTKFace for other heads. It has learnt gender and age before this training, and people or images of a data set from the web, of UTKFace in particular, may be among what it has seen: such figures may be too good.',
  },
  'small-vgg': { trainedOn: 'nothing: its values are random', preprocessing: 'signed' },
  'small-vgg-faces': {
    trainedOn: 'generated faces: all of their attributes at once',
    preprocessing: 'signed',
    caution:
      'The small backbone has seen drawings of faces only. It needs no download, and knows less of photographs than any other pretrained backbone.',
  },
};
