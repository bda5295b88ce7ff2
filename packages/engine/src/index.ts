export * from './diagnose.js';
export * from './install.js';
export * from './instance-norm.js';
export * from './reflect-pad.js';
export { engineEnvironment, nativeFolder, TENSORFLOW_VERSION } from './settings.js';
export { useEngine, type Engine, type EngineName, type UseEngineOptions } from './use-engine.js';
