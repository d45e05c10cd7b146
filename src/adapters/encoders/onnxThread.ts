import { answerTexts } from './encoderThread.ts';
import { createOnnxEncoder } from './onnx.ts';

answerTexts((spec) => {
  if (spec.kind !== 'onnx') throw new TypeError('this thread runs ONNX models');
  return createOnnxEncoder(spec.folder);
});
