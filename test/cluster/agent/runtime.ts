/** What a container of the project's runtime finds: its virtual environment in place of an image. */
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** For {@link ./agent.ts}. `make test` and `make demo` set the virtual environment up. */
export function runtimeImage(address: string): Readonly<Record<string, string>> {
  return {
    PATH: [join(ROOT, 'runtime/.venv/bin'), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    UNIAP_METRICS_ADDRESS: address,
    UNIAP_TERMINATION_LOG: '/dev/termination-log',
  };
}
