import winston from 'winston';
import { redact } from './redact.ts';

export type LogFields = Readonly<Record<string, unknown>>;

/** What code that has something to say takes as an argument. Fields are JSON; secrets in them are blanked. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds the fields to every line, such as a request id. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** error, warn, info, debug, or `silent`. */
  readonly level: string;
  /** Where lines go; standard error by default, so that standard output stays free for a command's own answer. */
  readonly stream?: NodeJS.WritableStream;
}

/** One JSON object a line: time, level, message, then the fields. */
export function createLogger(options: LoggerOptions): Logger {
  const silent = options.level === 'silent';
  const logger = winston.createLogger({
    level: silent ? 'error' : options.level,
    silent,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Stream({ stream: options.stream ?? process.stderr })],
  });
  return wrap(logger, {});
}

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

function wrap(logger: winston.Logger, context: LogFields): Logger {
  const write = (level: string) => (message: string, fields?: LogFields) => {
    if (logger.isLevelEnabled(level)) logger.log({ ...redact({ ...context, ...fields }), level, message: redact(message) });
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(logger, { ...context, ...fields }),
  };
}
