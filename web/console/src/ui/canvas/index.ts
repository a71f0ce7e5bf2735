// The face of the canvas.
export { Canvas, type CanvasEdge, type CanvasNode, DRAG_TYPE } from './canvas';
export { layout } from './layout';
