import type { Labelling } from '../manifest/dataset-record.js';

/** The sources of data sets. */
type SourceName =
  | 'csv'
  | 'folder'
  | 'everypolitician'
  | 'congress'
  | 'dif'
  | 'fairface'
  | 'utkface'
  | 'celeba'
  | 'synthetic';

/**
 * Where the labels of each source come from, as its makers describe it; `unknown` where they do not.
 */
export const LABELLINGS: Readonly<Record<SourceName, Labelling>> = {
  csv: { kind: 'unknown', how: 'The table does not say who labelled it, or how.' },
  folder: { kind: 'unknown', how: 'The folders do not say who sorted the images, or how.' },
  everypolitician: {
    kind: 'recorded',
    how: 'Party, term and gender were collected from parliaments, Wikidata and other records; some genders were judged by volunteers from the name and the image.',
  },
  congress: {
    kind: 'recorded',
    how: 'Gender, party and birth date are those of the congress-legislators records.',
  },
  dif: {
    kind: 'perceived',
    how: 'The coding schemes were computed from the image by programs, or judged by annotators (Merler et al. 2019).',
  },
  fairface: {
    kind: 'perceived',
    how: 'Three crowd workers judged age group, gender and race of each image; labels that two of them agreed on were taken, and checked by a person where a model trained on them disagreed (Karkkainen and Joo 2021).',
  },
  utkface: {
    kind: 'perceived',
    how: 'Age, gender and race were estimated by a program from the image and checked by an annotator (Zhang, Song and Qi 2017).',
  },
  celeba: {
    kind: 'perceived',
    how: 'The forty attributes were judged from the image by a labelling company (Liu et al. 2015).',
  },
  synthetic: {
    kind: 'drawn',
    how: 'Where labels were made wrong on purpose, the column that ends in `_truth` holds what was drawn.',
  },
};
