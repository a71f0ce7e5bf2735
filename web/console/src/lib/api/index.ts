// The face of the API folder.
export * from './types';
export * from './client';
