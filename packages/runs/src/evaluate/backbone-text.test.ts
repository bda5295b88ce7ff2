import { expect, it } from 'vitest';
import { backboneText } from './backbone-text.js';

it('a card says what a backbone was trained on, and that faceres may have seen the images', () => {
  expect(backboneText({ backbone: 'vgg16', weights: null })).toBe(
    'Backbone vgg16, trained on ImageNet.',
  );
  expect(backboneText({ backbone: 'faceres', weights: null })).toMatch(
    /VGGFace2.*IMDB-Wiki.*UTKFace in particular, may be among what it has seen/,
  );
  expect(backboneText({ backbone: 'squeezenet', weights: 'x.h5' })).toMatch(/a file of the user/);
  expect(backboneText({ backbone: 'own:mine', weights: null })).toMatch(/^Backbone mine: .* own/);
});
