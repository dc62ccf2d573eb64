import { describeModels } from './models.js';

describeModels('made and saved in TF.js', (trip) => trip.fromTfjs());
