export * from './write-playground.js';
