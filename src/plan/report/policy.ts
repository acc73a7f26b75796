import { createHash } from 'node:crypto';
import { STYLE } from './style.ts';

/** What a report may load: its own style and nothing else. The page says it itself; a server says it, too. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
