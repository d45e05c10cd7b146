import { answerTexts } from './encoderThread.ts';
import { createUseLiteEncoder } from './useLite.ts';

answerTexts(createUseLiteEncoder);
