import { enginePlants } from './plants-engine.ts';
import { findingPlants } from './plants-findings.ts';
import { linesPlants } from './plants-lines.ts';
import { queuePlants } from './plants-queue.ts';
import { tablePlants } from './plants-tables.ts';
import { volumePlants } from './plants-volumes.ts';
import { volumeTablePlants } from './plants-volume-tables.ts';
import type { Plant } from './plant.ts';

export const PLANTS: readonly Plant[] = [
  ...queuePlants,
  ...findingPlants,
  ...tablePlants,
  ...enginePlants,
  ...volumePlants,
  ...volumeTablePlants,
  ...linesPlants,
];
