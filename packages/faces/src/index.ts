// The attributes of a face
export {
  changeFace,
  FACE_VALUES,
  sampleFace,
  type Face,
  type FaceAttributes,
  type FaceKey,
} from './attributes.js';

// Where the face is
export { faceBox } from './face-box.js';

// What age leaves on it
export { ageTracesOf, type AgeTraces } from './age-traces.js';

// Rendering one face
export { checkFaceSize, renderFace, type RenderFaceOptions } from './render.js';

// A whole set, with planted faults
export {
  planFaces,
  type LabelValue,
  type PlannedFace,
  type Planted,
  type PlantOptions,
} from './plan.js';
export { renderPlannedFace } from './render-planned-face.js';
