/** JSON lines on standard output, one an event, for a log collector. */
import { createLogger, format, transports, type Logger } from 'winston';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export function createLog(level: LogLevel): Logger {
  return createLogger({
    level,
    format: format.combine(format.timestamp(), format.errors({ stack: true }), format.json()),
    transports: [new transports.Console()],
  });
}
