// The face of the API folder.
export * from './types';
export * from './catalog';
export * from './client';
