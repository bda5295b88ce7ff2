// Figures as data
export type { Figure, Trace } from './figure.js';

// Classifiers
export { accuracyIntervals, type AccuracyIntervalsOptions, type AccuracyRow } from './accuracy.js';
export {
  reliabilityDiagram,
  type CalibrationData,
  type CalibrationOfBins,
  type ReliabilityOptions,
} from './reliability.js';
export { precisionRecallFigure, rocFigure, type RankingFigureOptions } from './ranking.js';
export { slicesFigure, type SlicesFigureOptions } from './slices.js';
export { robustnessFigure, type RobustnessFigureOptions } from './robustness.js';
export {
  EVALUATION_FIGURES,
  evaluationFigures,
  type EvaluationFigure,
  type EvaluationFigureName,
} from './evaluation-figures.js';
export { confusionFigure, type ConfusionFigureOptions } from './confusion.js';
export { learningCurves, type CurvesOptions } from './learning-curves.js';
export { learningRates } from './learning-rates.js';
export { learningBands } from './learning-bands.js';
export { sweepFigure, type SweepBar, type SweepFigureOptions } from './sweep.js';
export { sweepHeatMap, type SweepCell, type SweepHeatMapOptions } from './sweep-heat-map.js';
export { rateSweepFigure, type RatePoint, type RateSweepOptions } from './rate-sweep.js';
export { probeFigure, type ProbeFigureOptions, type ProbePoint } from './probe.js';

// Translations
export { ganLosses } from './gan-losses.js';
export { driftFigure, type DriftDirection } from './drift.js';
export {
  qualityOverMinutes,
  type QualityOverMinutesOptions,
  type QualityPoint,
  type RecipeRuns,
} from './quality-over-minutes.js';

// Networks
export {
  architectureFigure,
  type ArchitectureFigureOptions,
  type DrawnNetwork,
} from './architecture.js';
export {
  cycleGanDiagram,
  type CycleGanDiagramOptions,
  type CycleGanNetworks,
} from './cyclegan-diagram.js';
export {
  networkBlocks,
  type LayerLike,
  type ModelLike,
  type NetworkBlock,
} from './network-blocks.js';

// Data sets
export { cleaningFlow } from './cleaning-flow.js';
export {
  histogram,
  labelDistribution,
  splitBalance,
  type DistributionOptions,
  type HistogramOptions,
  type ValueCounts,
} from './distributions.js';
export {
  bandDistribution,
  missingValues,
  sizeMap,
  stepFunnel,
  type BandOptions,
  type FunnelStep,
  type SizeMapOptions,
} from './data-set.js';
export {
  dataSetFigures,
  dataSetFlow,
  type DataSetCounts,
  type DataSetFigure,
  type DataSetFiguresOptions,
  type SizeCounts,
} from './data-set-figures.js';

// Speed
export { speedRatios, type SpeedRow } from './speed.js';

// Sheets of images
export {
  contactSheet,
  figureSix,
  imageRows,
  type ContactSheetOptions,
  type FigureSixOptions,
  type ImageRowsOptions,
  type SheetFrame,
} from './sheets.js';
export {
  translationGrid,
  type TranslationGridOptions,
  type TranslationStage,
} from './translation-grid.js';
export type { SheetImage } from './tiles.js';
export { withMark } from './synthetic-mark.js';
export { animation, type AnimationOptions } from './animation.js';

// Pages
export { pageOf, pageStyle, type PageParts } from './page-shell.js';

// Pages of images
export { pagePicture, type PagePicture, type PagePictureOptions } from './page-image.js';
export {
  galleryPage,
  type GalleryPageOptions,
  type GallerySection,
  type GalleryTile,
} from './gallery-page.js';
export { heatOverlay, type HeatMap, type HeatOverlayOptions } from './heat-overlay.js';
export { reviewPage, type ReviewItem, type ReviewPageOptions } from './review-page.js';

// Rendering to files
export {
  plotlyBundlePath,
  pngOfSvg,
  renderPng,
  renderSvg,
  type RenderOptions,
  type RenderPngOptions,
} from './render.js';
export { pdfOfSvg, renderPdf } from './pdf.js';
export { fontFolder } from './fonts.js';

// Themes
export {
  colourSwap,
  contrastOf,
  PALETTE,
  SERIES_COLOURS,
  THEMES,
  type Theme,
  type ThemeName,
} from './theme.js';
export { plotlyTemplate, themed, type PlotlyTemplate } from './themed.js';

// Text with figures as a PDF file
export { textPdf, type PdfBlock, type PdfTable, type TextPdfOptions } from './text-pdf.js';
export type { TextSpan } from './text-flow.js';
