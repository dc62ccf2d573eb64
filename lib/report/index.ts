export { type LineChartOptions, type LineSeries, lineChart } from './line-chart.js';
export { type TrainingReportOptions, trainingReport } from './training-report.js';
export { write } from './write.js';
