import './fit-report.js';

export { type FeatureMapsOptions, featureMaps } from './feature-maps.js';
export { type FiltersOptions, filters } from './filters.js';
export { type GradCamOptions, gradCam } from './grad-cam.js';
export { type LineChartOptions, type LineSeries, lineChart } from './line-chart.js';
export { type PageOptions, page } from './page.js';
export { type RunsReportOptions, runsReport } from './runs-report.js';
export { type TrainingReportOptions, trainingReport } from './training-report.js';
export { write } from './write.js';
